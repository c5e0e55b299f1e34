import type { PeerCertificate } from 'node:tls';

/** What a server's certificate says about itself. */
export interface ServedCertificate {
  /** Its common name, empty where it has none. */
  readonly commonName: string;
  /** Host names and IP addresses of its subject alternative names. */
  readonly names: readonly string[];
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** Reads what matters from the certificate that a connection was shown. */
export function describeCertificate(certificate: PeerCertificate): ServedCertificate {
  return {
    commonName: oneOf((certificate.subject as PeerCertificate['subject'] | undefined)?.CN),
    names: namesIn(certificate.subjectaltname ?? ''),
    issuer: oneOf((certificate.issuer as PeerCertificate['issuer'] | undefined)?.CN),
    validFrom: new Date(certificate.valid_from),
    validTo: new Date(certificate.valid_to),
  };
}

// Node gives a list where a certificate repeats the field.
function oneOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value.join(', ') : value) ?? '';
}

// `DNS:a.example, IP Address:127.0.0.1`; a name with a comma in it is quoted.
function namesIn(subjectAltName: string): string[] {
  return Array.from(
    subjectAltName.matchAll(/(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]+)/g),
    ([, name = '']) => name,
  );
}
