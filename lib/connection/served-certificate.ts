import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

import { certificateNames, commonName, distinguishedName } from '../tls/certificate-names';
import { certificateValidity } from '../tls/validity';

/** What a server's certificate says about itself. */
export interface ServedCertificate {
  /** Distinguished name on one line: `O=Example, CN=scoring.example.com`. */
  readonly subject: string;
  /** Absent where it has none. */
  readonly commonName?: string;
  /** Host names of its subject alternative names. */
  readonly hostNames: readonly string[];
  /** IP addresses of its subject alternative names. */
  readonly addresses: readonly string[];
  /** Distinguished name on one line. */
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** SHA-256 of the certificate, upper-case hexadecimal with colons. */
  readonly fingerprint256: string;
}

/** What a TLS handshake agreed on. */
export interface TlsSession {
  readonly certificate: ServedCertificate;
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** Such as `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
}

/** Reads what a connection agreed on; nothing where the server showed no certificate. */
export function describeSession(socket: TLSSocket): TlsSession | undefined {
  const certificate = socket.getPeerX509Certificate();
  return (
    certificate && {
      certificate: describeCertificate(certificate),
      protocol: socket.getProtocol() ?? 'unknown',
      cipher: socket.getCipher().name,
    }
  );
}

/** Reads what matters from a certificate. */
export function describeCertificate(certificate: X509Certificate): ServedCertificate {
  const { dns, ip } = certificateNames(certificate);
  const { notBefore, notAfter } = certificateValidity(certificate);
  const name = commonName(certificate);
  return {
    subject: distinguishedName(certificate.subject),
    ...(name !== undefined && { commonName: name }),
    hostNames: dns,
    addresses: ip,
    issuer: distinguishedName(certificate.issuer),
    validFrom: notBefore,
    validTo: notAfter,
    fingerprint256: certificate.fingerprint256,
  };
}
