import { X509Certificate } from 'node:crypto';

/** Returns the Unix time, in seconds, at which the first certificate of a chain expires. */
export function certificateExpiry(certificate: string): number {
  return Date.parse(new X509Certificate(certificate).validTo) / 1000;
}
