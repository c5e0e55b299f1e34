import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Subject Alternative Names of a certificate. */
export interface CertificateNames {
  /** DNS names and wildcards, spelled as in the certificate. */
  readonly dns: readonly string[];
  /** IP addresses in the form that `canonicalAddress` returns. */
  readonly ip: readonly string[];
}

// One name as Node prints it. Node prints values that contain a comma or a quote as a JSON string.
const PRINTED_NAME = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy;

/** Returns the DNS and IP Subject Alternative Names. Other kinds (email, URI) do not identify a server. */
export function certificateNames(certificate: X509Certificate): CertificateNames {
  const dns: string[] = [];
  const ip: string[] = [];
  for (const [, kind, printed = ''] of (certificate.subjectAltName ?? '').matchAll(PRINTED_NAME)) {
    const value = printed.startsWith('"') ? unquote(printed) : printed;
    if (kind === 'DNS') {
      dns.push(value);
    } else if (kind === 'IP Address') {
      ip.push(canonicalAddress(value));
    }
  }
  return { dns, ip };
}

/** Returns the canonical form of an IP address: `::1` for `0:0:0:0:0:0:0:1`. Returns any other text unchanged. */
export function canonicalAddress(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${withoutZone(address)}]/`).hostname.slice(1, -1) : address;
}

/** Formats a subject or issuer on one line: `C=US, O=Example, CN=scoring.example.com`. */
export function distinguishedName(printed: string): string {
  // Node prints one attribute per line, and returns undefined for an empty name despite its types.
  return ((printed as string | undefined) ?? '').split('\n').join(', ') || '(no name)';
}

/** Returns the last common name of the subject, if any. */
export function commonName(certificate: X509Certificate): string | undefined {
  const lines = ((certificate.subject as string | undefined) ?? '').split('\n');
  return lines
    .filter((line) => line.startsWith('CN='))
    .pop()
    ?.slice('CN='.length);
}

/** Returns a short name for messages: the common name, else the first alternative name, else the subject. */
export function describe(certificate: X509Certificate): string {
  const { dns, ip } = certificateNames(certificate);
  const name = commonName(certificate) ?? [...dns, ...ip, distinguishedName(certificate.subject)][0];
  return `"${name}"`;
}

function withoutZone(address: string): string {
  return address.split('%')[0] ?? address;
}

function unquote(printed: string): string {
  try {
    return JSON.parse(printed) as string;
  } catch {
    return printed.slice(1, -1);
  }
}
