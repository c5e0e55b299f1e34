/** Checks server certificates and private keys. Pure, and based on Node.js alone, so constructs use it at synth. */
export { CertificateFormatError, parseCertificateChain } from './certificate-chain';
export type { CertificateProblem, CertificateProblemCode } from './certificate-problem';
export { certificateSummary, type CertificateSummary } from './certificate-summary';
export { checkCertificate, type CertificateCheck } from './check-certificate';
export { dnsNameCovers, parseHostname, type Hostname } from './hostname';
export {
  createSelfSignedCertificate,
  SelfSignedCertificateError,
  type SelfSignedCertificate,
  type SelfSignedCertificateOptions,
} from './self-signed-certificate';
