import { parseCertificateChain } from './certificate-chain';
import { certificateNames, distinguishedName } from './certificate-names';
import { isSelfSigned } from './chain-path';
import { certificateValidity, daysBetween } from './validity';

/** Properties of a server certificate, for logs, reports and status output. */
export interface CertificateSummary {
  /** Distinguished name on one line: `O=Example, CN=scoring.example.com`. */
  readonly subject: string;
  /** DNS names and IP addresses that the certificate covers. */
  readonly names: readonly string[];
  /** Distinguished name on one line. */
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Whole days until the certificate expires, rounded down; negative after it has expired. */
  readonly daysLeft: number;
  /** SHA-256 of the DER encoding, as OpenSSL and browsers print it: `AB:CD:…`. */
  readonly sha256: string;
  readonly selfSigned: boolean;
}

/**
 * Summarizes the first certificate of a PEM text, which is the server's.
 *
 * @throws CertificateFormatError if the text contains no certificate.
 */
export function certificateSummary(pem: string, now: Date = new Date()): CertificateSummary {
  const certificate = parseCertificateChain(pem)[0];
  const { dns, ip } = certificateNames(certificate);
  const { notBefore, notAfter } = certificateValidity(certificate);
  return {
    subject: distinguishedName(certificate.subject),
    names: [...dns, ...ip],
    issuer: distinguishedName(certificate.issuer),
    notBefore,
    notAfter,
    daysLeft: daysBetween(now, notAfter),
    sha256: certificate.fingerprint256,
    selfSigned: isSelfSigned(certificate),
  };
}
