import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** The names that a certificate is good for: its Subject Alternative Names. */
export interface CertificateNames {
  /** DNS names and wildcards, as the certificate spells them. */
  readonly dns: readonly string[];
  /** IP addresses, in the form of `canonicalAddress`. */
  readonly ip: readonly string[];
}

// One name as Node prints it. A value that could be misread (a comma, a quote) comes as a JSON string.
const printedName = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy;

/** Reads the Subject Alternative Names. Names of other kinds (e-mail, URI) are left out: they name no server. */
export function certificateNames(certificate: X509Certificate): CertificateNames {
  const dns: string[] = [];
  const ip: string[] = [];
  for (const [, kind, printed = ''] of (certificate.subjectAltName ?? '').matchAll(printedName)) {
    const value = printed.startsWith('"') ? unquote(printed) : printed;
    if (kind === 'DNS') {
      dns.push(value);
    } else if (kind === 'IP Address') {
      ip.push(canonicalAddress(value));
    }
  }
  return { dns, ip };
}

/** An IP address in its one usual form: `::1` for `0:0:0:0:0:0:0:1`. Other texts come back unchanged. */
export function canonicalAddress(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${withoutZone(address)}]/`).hostname.slice(1, -1) : address;
}

/** The subject's or issuer's distinguished name on one line: `C=US, O=Example, CN=scoring.example.com`. */
export function distinguishedName(printed: string): string {
  // Node prints one attribute a line, and nothing (undefined, whatever its types say) for an empty name.
  return ((printed as string | undefined) ?? '').split('\n').join(', ') || '(no name)';
}

/** The last common name of a subject, if it has one. */
export function commonName(certificate: X509Certificate): string | undefined {
  const lines = ((certificate.subject as string | undefined) ?? '').split('\n');
  return lines
    .filter((line) => line.startsWith('CN='))
    .pop()
    ?.slice('CN='.length);
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
