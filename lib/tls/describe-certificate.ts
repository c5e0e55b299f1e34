import type { X509Certificate } from 'node:crypto';
import { certificateNames, commonName, distinguishedName } from './certificate-names';

/** A certificate's short name for messages: its common name, else its first name, else its whole subject. */
export function describe(certificate: X509Certificate): string {
  const { dns, ip } = certificateNames(certificate);
  const name = commonName(certificate) ?? [...dns, ...ip, distinguishedName(certificate.subject)][0];
  return `"${name}"`;
}

/** A moment's day in UTC, `2027-05-31`, as the messages write it. */
export function day(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
