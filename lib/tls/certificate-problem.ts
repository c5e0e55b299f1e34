/** Kind of problem with a certificate. The codes are stable, so programs can rely on them. */
export type CertificateProblemCode =
  | 'CERTIFICATE_FORMAT'
  | 'PRIVATE_KEY_FORMAT'
  | 'PRIVATE_KEY_ENCRYPTED'
  | 'PRIVATE_KEY_MISMATCH'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_EXPIRING'
  | 'CERTIFICATE_NOT_YET_VALID'
  | 'HOSTNAME_INVALID'
  | 'HOSTNAME_NOT_COVERED'
  | 'HOSTNAME_ONLY_IN_COMMON_NAME'
  | 'NOT_A_SERVER_CERTIFICATE'
  | 'CHAIN_OUT_OF_ORDER'
  | 'CHAIN_INCOMPLETE'
  | 'CHAIN_UNRELATED_CERTIFICATE'
  | 'SELF_SIGNED'
  | 'ROOT_CERTIFICATES_FORMAT'
  | 'ROOT_NOT_TRUSTED';

/** A reason why clients reject a certificate, or soon will. */
export interface CertificateProblem {
  readonly code: CertificateProblemCode;
  /** Received value, expected value and remedy. Never contains a key. */
  readonly message: string;
}
