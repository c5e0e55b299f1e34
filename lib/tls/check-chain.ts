import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import type { CertificateProblem } from './certificate-problem';
import { describe, distinguishedName } from './certificate-names';
import { hasIssued, isSelfSigned, type ChainPath } from './chain-path';

let bundledRoots: readonly X509Certificate[] | undefined;

interface Trust {
  readonly allowSelfSigned: boolean;
  /** Only roots that clients trust, if given. */
  readonly roots: readonly X509Certificate[] | undefined;
}

/** Returns problems with the order, the completeness and the root of a chain. */
export function chainProblems(
  chain: readonly X509Certificate[],
  found: ChainPath,
  trust: Trust,
): CertificateProblem[] {
  const path = found.path.map((index) => chain[index]);
  const problems: CertificateProblem[] = [];
  if (found.path.some((index, position) => position > 0 && index < found.path[position - 1])) {
    problems.push(outOfOrder(chain, path));
  }
  const end = path[path.length - 1];
  const selfSignedEnd = isSelfSigned(end);
  if (selfSignedEnd && path.length === 1 && !trust.allowSelfSigned) {
    problems.push({
      code: 'SELF_SIGNED',
      message:
        `certificate ${describe(end)} is self-signed, so clients do not trust it by default; expected a certificate from a ` +
        'certificate authority: request one, or set allowSelfSigned and distribute it to every client',
    });
  }
  if (selfSignedEnd && trust.roots !== undefined && !contains(trust.roots, end)) {
    problems.push({
      code: 'ROOT_NOT_TRUSTED',
      message:
        `the chain ends at ${describe(end)}, which is not in rootCertificateFile ` +
        `(${trust.roots.map(describe).join(', ')}); add it to them, or pass a certificate that one of them issued`,
    });
  }
  const ends = selfSignedEnd || (trust.roots ?? publicRoots()).some((root) => endsBelow(root, end));
  if (!ends && (path.length === 1 || trust.roots !== undefined || found.unrelated.length > 0)) {
    problems.push(incomplete(end, path.length, trust));
  } else if (found.unrelated.length > 0) {
    problems.push(...found.unrelated.map((index) => unrelated(chain, index)));
  }
  return problems;
}

/** Public roots bundled with Node.js. Parsed on first use: parsing all of them takes a noticeable time. */
function publicRoots(): readonly X509Certificate[] {
  bundledRoots ??= rootCertificates.map((pem) => new X509Certificate(pem));
  return bundledRoots;
}

function endsBelow(root: X509Certificate, end: X509Certificate): boolean {
  // A trusted root need not be self-signed, so the chain may end with the root itself.
  return hasIssued(root, end) || root.raw.equals(end.raw);
}

function contains(certificates: readonly X509Certificate[], wanted: X509Certificate): boolean {
  return certificates.some((certificate) => certificate.raw.equals(wanted.raw));
}

function outOfOrder(chain: readonly X509Certificate[], path: readonly X509Certificate[]): CertificateProblem {
  return {
    code: 'CHAIN_OUT_OF_ORDER',
    message:
      `certificate chain is out of order: got ${chain.map(describe).join(', ')}, expected ` +
      `${path.map(describe).join(', ')}: the server's certificate first, followed by the issuer of each; ` +
      'reorder the blocks of the file',
  };
}

function incomplete(end: X509Certificate, length: number, trust: Trust): CertificateProblem {
  const issuer = distinguishedName(end.issuer);
  const got = length === 1 ? `only ${describe(end)}` : `${length} certificates up to ${describe(end)}`;
  const root =
    trust.roots === undefined
      ? 'or, if that issuer is the root of your own authority, set rootCertificateFile to its file'
      : 'or add the root that issued it to rootCertificateFile';
  return {
    code: 'CHAIN_INCOMPLETE',
    message:
      `certificate chain is incomplete: got ${got}, expected it to be followed by its issuer ` +
      `(${issuer}), up to a certificate issued by a trusted root; append that certificate to the file ` +
      `(the authority's "full chain" file contains it), ${root}`,
  };
}

function unrelated(chain: readonly X509Certificate[], index: number): CertificateProblem {
  const certificate = chain[index];
  const twice = chain.some((other, at) => at !== index && other.raw.equals(certificate.raw));
  return {
    code: 'CHAIN_UNRELATED_CERTIFICATE',
    message: twice
      ? `certificate chain contains ${describe(certificate)} twice, expected it once; remove block ${index + 1}`
      : `certificate chain contains ${describe(certificate)} (block ${index + 1} of ${chain.length}), which issued ` +
        "none of the others; expected only the server's certificate and its issuers; remove that block",
  };
}
