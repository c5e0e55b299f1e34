import type { X509Certificate } from 'node:crypto';

const MILLISECONDS_PER_DAY = 86_400_000;

/** Validity period of a certificate. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Parses the dates from Node's text form (`validFromDate` exists only since Node 22.10). */
export function certificateValidity(certificate: X509Certificate): Validity {
  return { notBefore: new Date(certificate.validFrom), notAfter: new Date(certificate.validTo) };
}

/** Returns the whole days between two dates, rounded down; negative if `until` is before `from`. */
export function daysBetween(from: Date, until: Date): number {
  return Math.floor((until.getTime() - from.getTime()) / MILLISECONDS_PER_DAY);
}

/** UTC date for messages: `2027-05-31`. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
