import type { PeerCertificate, TLSSocket } from 'node:tls';

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

/** What a TLS handshake agreed on. */
export interface TlsSession {
  readonly certificate: ServedCertificate;
  /** SHA-256 of the certificate, upper-case hexadecimal with colons. */
  readonly fingerprint256: string;
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** Such as `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
}

/** Reads what a connection agreed on. */
export function describeSession(socket: TLSSocket): TlsSession {
  const certificate = socket.getPeerCertificate();
  return {
    certificate: describeCertificate(certificate),
    fingerprint256: certificate.fingerprint256,
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
  };
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
