import type { X509Certificate } from 'node:crypto';
import { CertificateFormatError, parseCertificateChain } from './certificate-chain';
import type { CertificateProblem } from './certificate-problem';
import { chainProblems } from './check-chain';
import { hostnameProblems } from './check-hostname';
import { validityProblems } from './check-validity';
import { findChainPath, fitsPrivateKey } from './chain-path';
import { describe } from './certificate-names';
import { readPrivateKey, type PrivateKeyReading } from './private-key';

/** Certificate to check, and the requirements that it must meet. */
export interface CertificateCheck {
  /** Certificate chain as PEM: the server's certificate, then its intermediates. */
  readonly certificateChain: string;
  /** Private key of the certificate as PEM. @default - not checked */
  readonly privateKey?: string | undefined;
  /** Host name or IP address that clients use to call the server. @default - not checked */
  readonly hostname?: string | undefined;
  /** Minimum number of days before a certificate expires. @default 14 */
  readonly minimumDaysToExpiry?: number | undefined;
  /** Whether to accept a self-signed server certificate. @default false */
  readonly allowSelfSigned?: boolean | undefined;
  /**
   * Only root certificates that clients trust, as PEM.
   *
   * @default - the public roots bundled with Node.js, and any private root whose intermediates are in the chain
   */
  readonly rootCertificates?: string | undefined;
  /** Time at which validity is checked. @default - the current time */
  readonly now?: Date | undefined;
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';

/**
 * Returns every problem with a server certificate, most fundamental first, or an empty list if clients will accept it.
 * The check uses only its arguments and the roots bundled with Node.js. It does not access the network or any file, and
 * does not throw for invalid content. Messages name the properties of `SslSettings.fromPemFiles`, where users set the certificate.
 *
 * Completeness of a chain can be determined only to some extent. A chain is complete if it ends in a self-signed root or
 * in a certificate issued by a trusted root. It is reported as incomplete if `rootCertificates` are given and did not
 * issue the last certificate, if it consists of the server's certificate alone (authorities issue from intermediates),
 * or if the file contains unrelated certificates. Without `rootCertificates`, a chain of two or more certificates that
 * ends at an unknown issuer is assumed to lead to a private root.
 */
export function checkCertificate(check: CertificateCheck): CertificateProblem[] {
  const now = check.now ?? new Date();
  const key = check.privateKey === undefined ? undefined : readPrivateKey(check.privateKey);
  const keyProblems = key?.problem === undefined ? [] : [key.problem];

  const chain = parse(check.certificateChain, 'CERTIFICATE_FORMAT');
  const roots =
    check.rootCertificates === undefined
      ? undefined
      : parse(check.rootCertificates, 'ROOT_CERTIFICATES_FORMAT', 'rootCertificateFile: ');
  const rootsProblems = roots?.problem === undefined ? [] : [roots.problem];
  if (chain.problem !== undefined) {
    return [chain.problem, ...keyProblems, ...rootsProblems];
  }

  const { certificates } = chain;
  const found = findChainPath(certificates, key?.key);
  const path = found.path.map((index) => certificates[index]);
  const leaf = path[0];
  return [
    ...keyProblems,
    ...mismatchProblems(leaf, key),
    ...validityProblems(path, check.minimumDaysToExpiry ?? 14, now),
    ...(check.hostname === undefined ? [] : hostnameProblems(leaf, check.hostname)),
    ...usageProblems(leaf),
    ...rootsProblems,
    ...chainProblems(certificates, found, {
      allowSelfSigned: check.allowSelfSigned ?? false,
      roots: roots?.certificates,
    }),
  ];
}

type Parsed =
  | { readonly certificates: X509Certificate[]; readonly problem?: undefined }
  | { readonly certificates?: undefined; readonly problem: CertificateProblem };

function parse(pem: string, code: CertificateProblem['code'], prefix = ''): Parsed {
  try {
    return { certificates: parseCertificateChain(pem) };
  } catch (error) {
    if (error instanceof CertificateFormatError) {
      return { problem: { code, message: `${prefix}${error.message}` } };
    }
    throw error;
  }
}

function mismatchProblems(leaf: X509Certificate, key: PrivateKeyReading | undefined): CertificateProblem[] {
  if (key?.key === undefined || fitsPrivateKey(leaf, key.key)) {
    return [];
  }
  const got = key.key.asymmetricKeyType?.toUpperCase() ?? 'unknown';
  return [
    {
      code: 'PRIVATE_KEY_MISMATCH',
      message:
        `certificate and private key do not match: the ${got} key does not belong to certificate ` +
        `${describe(leaf)}; pass the key that was used to request this certificate ` +
        '(`openssl x509 -in cert.pem -noout -pubkey` and `openssl pkey -in key.pem -pubout` must print the same key)',
    },
  ];
}

function usageProblems(leaf: X509Certificate): CertificateProblem[] {
  // Node's `keyUsage` contains the extended key usages. It is undefined if the certificate does not restrict them.
  const usages = leaf.keyUsage as string[] | undefined;
  if (usages === undefined || usages.includes(SERVER_AUTH) || usages.includes(ANY_EXTENDED_KEY_USAGE)) {
    return [];
  }
  return [
    {
      code: 'NOT_A_SERVER_CERTIFICATE',
      message:
        `certificate ${describe(leaf)} is not a server certificate: its extended key usages are ${usages.join(', ')}, ` +
        `expected them to include serverAuth (${SERVER_AUTH}); request a TLS server certificate`,
    },
  ];
}
