import type { X509Certificate } from 'node:crypto';
import type { CertificateProblem } from './certificate-problem';
import { distinguishedName } from './certificate-names';
import { hasIssued, isSelfSigned, type ChainPath } from './chain-path';
import { describe } from './describe-certificate';
import { publicRoots } from './trusted-roots';

interface Trust {
  readonly allowSelfSigned: boolean;
  /** The only roots that clients trust, where they were given. */
  readonly roots: readonly X509Certificate[] | undefined;
}

/** What is wrong with the order, the completeness and the end of a chain. */
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
        `certificate ${describe(end)} is self-signed, which no client trusts unless it is told to; expected one ` +
        'from a certificate authority: get one, or ask for a self-signed one explicitly and give it to every client',
    });
  }
  if (selfSignedEnd && trust.roots !== undefined && !contains(trust.roots, end)) {
    problems.push({
      code: 'ROOT_NOT_TRUSTED',
      message:
        `the chain ends at ${describe(end)}, which is not among the rootCertificates ` +
        `(${trust.roots.map(describe).join(', ')}); add it to them, or give the certificate that they issued`,
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

function endsBelow(root: X509Certificate, end: X509Certificate): boolean {
  // A given root may itself not be self-signed: then the chain may end with it.
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
      `${path.map(describe).join(', ')}: the server's own first, then the issuer of each; ` +
      "put the file's blocks into that order",
  };
}

function incomplete(end: X509Certificate, length: number, trust: Trust): CertificateProblem {
  const issuer = distinguishedName(end.issuer);
  const got = length === 1 ? `only ${describe(end)}` : `${length} certificates up to ${describe(end)}`;
  const root =
    trust.roots === undefined
      ? "or, where that issuer is your own authority's root, give it as rootCertificates"
      : 'or give the root that issued it among the rootCertificates';
  return {
    code: 'CHAIN_INCOMPLETE',
    message:
      `certificate chain is incomplete: got ${got}, expected its issuer (${issuer}) after it, up to one that a ` +
      `trusted root issued; append that certificate to the file (the authority's "full chain" file has it), ${root}`,
  };
}

function unrelated(chain: readonly X509Certificate[], index: number): CertificateProblem {
  const certificate = chain[index];
  const twice = chain.some((other, at) => at !== index && other.raw.equals(certificate.raw));
  return {
    code: 'CHAIN_UNRELATED_CERTIFICATE',
    message: twice
      ? `certificate chain holds ${describe(certificate)} twice, expected it once; remove block ${index + 1}`
      : `certificate chain holds ${describe(certificate)} (block ${index + 1} of ${chain.length}), which issued ` +
        "none of the others; expected only the server's certificate and its issuers; remove it",
  };
}
