import type { X509Certificate } from 'node:crypto';
import { parseCertificateChain } from './certificate-chain';
import { CertificateFormatError } from './certificate-format-error';
import type { CertificateProblem } from './certificate-problem';
import { chainProblems } from './check-chain';
import { hostnameProblems } from './check-hostname';
import { validityProblems } from './check-validity';
import { findChainPath, fitsPrivateKey } from './chain-path';
import { describe } from './describe-certificate';
import { readPrivateKey, type PrivateKeyReading } from './private-key';

/** What to check, and by which measure. */
export interface CertificateCheck {
  /** PEM: the server's certificate, then its intermediates. */
  readonly certificateChain: string;
  /** PEM: the certificate's private key. @default - not checked */
  readonly privateKey?: string;
  /** The name (or IP address) by which clients call the server. @default - not checked */
  readonly hostname?: string;
  /** How many days the certificates must still be valid. @default 14 */
  readonly minimumDaysToExpiry?: number;
  /** Whether a self-signed server certificate is wanted. @default false */
  readonly allowSelfSigned?: boolean;
  /**
   * PEM: the roots that the clients trust, and no others.
   *
   * @default - the public roots that come with Node, and any private root whose intermediates are in the chain
   */
  readonly rootCertificates?: string;
  /** @default - the present moment */
  readonly now?: Date;
}

const serverAuth = '1.3.6.1.5.5.7.3.1';
const anyExtendedKeyUsage = '2.5.29.37.0';

/**
 * Everything that is wrong with a server's certificate, most basic first; nothing where clients will accept
 * it. Looks only at its arguments and Node's bundled roots: no network, no files, and never throws for what a
 * file may hold.
 *
 * Whether a chain is complete can be known only so far. It is complete where it ends in a self-signed root or
 * at a certificate that a trusted root issued. Otherwise it is reported as incomplete where `rootCertificates`
 * are given (they should have issued the last one), where the server's certificate stands alone (authorities
 * issue from intermediates) or where other certificates in the file connect to nothing. A chain of two or more
 * that ends at an unknown issuer, without `rootCertificates`, is taken to end below a private root.
 */
export function checkCertificate(check: CertificateCheck): CertificateProblem[] {
  const now = check.now ?? new Date();
  const key = check.privateKey === undefined ? undefined : readPrivateKey(check.privateKey);
  const keyProblems = key?.problem === undefined ? [] : [key.problem];

  const chain = parse(check.certificateChain, 'CERTIFICATE_FORMAT');
  const roots =
    check.rootCertificates === undefined
      ? undefined
      : parse(check.rootCertificates, 'ROOT_CERTIFICATES_FORMAT', 'rootCertificates: ');
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
        `certificate and private key do not match: the ${got} key belongs to another certificate than ` +
        `${describe(leaf)}; give the key from which this certificate was requested ` +
        '(`openssl x509 -in cert.pem -noout -pubkey` and `openssl pkey -in key.pem -pubout` must print the same)',
    },
  ];
}

function usageProblems(leaf: X509Certificate): CertificateProblem[] {
  // Node's `keyUsage` holds the extended key usages; it is undefined where the certificate limits nothing.
  const usages = leaf.keyUsage as string[] | undefined;
  if (usages === undefined || usages.includes(serverAuth) || usages.includes(anyExtendedKeyUsage)) {
    return [];
  }
  return [
    {
      code: 'NOT_A_SERVER_CERTIFICATE',
      message:
        `certificate ${describe(leaf)} is not for servers: its extended key usages are ${usages.join(', ')}, ` +
        `expected serverAuth (${serverAuth}) among them; request a TLS server certificate`,
    },
  ];
}
