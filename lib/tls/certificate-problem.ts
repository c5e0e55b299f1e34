/** What is wrong with a certificate: stable names, for programs. */
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

/** One reason why clients would not, or soon not, accept a certificate. */
export interface CertificateProblem {
  readonly code: CertificateProblemCode;
  /** What was got, what was expected, how to mend it. Never holds a key. */
  readonly message: string;
}
