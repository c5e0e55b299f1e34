/** Checks of server certificates and keys: pure, on what Node has. Used at synth and by what runs. */
export { parseCertificateChain } from './certificate-chain';
export { CertificateFormatError } from './certificate-format-error';
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
