import type { X509Certificate } from 'node:crypto';

const millisecondsPerDay = 86_400_000;

/** From when until when a certificate is valid. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Reads the dates from the text in which Node 20 has them (`validFromDate` came with Node 22.10). */
export function certificateValidity(certificate: X509Certificate): Validity {
  return { notBefore: new Date(certificate.validFrom), notAfter: new Date(certificate.validTo) };
}

/** Whole days from one moment to another, rounded down; negative where `until` has passed. */
export function daysBetween(from: Date, until: Date): number {
  return Math.floor((until.getTime() - from.getTime()) / millisecondsPerDay);
}
