import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

import { certificateNames, commonName, distinguishedName } from '../tls/certificate-names';
import { certificateValidity } from '../tls/validity';

/** Properties of a certificate presented by a server. */
export interface ServedCertificate {
  /** Distinguished name on one line: `O=Example, CN=scoring.example.com`. */
  readonly subject: string;
  /** Absent if the certificate has no common name. */
  readonly commonName?: string | undefined;
  /** DNS names among the subject alternative names. */
  readonly hostNames: readonly string[];
  /** IP addresses among the subject alternative names. */
  readonly addresses: readonly string[];
  /** Distinguished name on one line. */
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** SHA-256 fingerprint in uppercase hexadecimal with colons. */
  readonly fingerprint256: string;
}

/** Result of a TLS handshake. */
export interface TlsSession {
  readonly certificate: ServedCertificate;
  /** Protocol version, such as `TLSv1.3`. */
  readonly protocol: string;
  /** Cipher suite, such as `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
}

/** Returns the TLS session of a connection, or undefined if the server presented no certificate. */
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

/** Extracts the properties of a certificate. */
export function describeCertificate(certificate: X509Certificate): ServedCertificate {
  const { dns, ip } = certificateNames(certificate);
  const { notBefore, notAfter } = certificateValidity(certificate);
  return {
    subject: distinguishedName(certificate.subject),
    commonName: commonName(certificate),
    hostNames: dns,
    addresses: ip,
    issuer: distinguishedName(certificate.issuer),
    validFrom: notBefore,
    validTo: notAfter,
    fingerprint256: certificate.fingerprint256,
  };
}
