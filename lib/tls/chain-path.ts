import type { KeyObject, X509Certificate } from 'node:crypto';

/** Issuing order of the certificates in a file. */
export interface ChainPath {
  /** Indices from the server's certificate upward, each issued by the next. Never empty. */
  readonly path: readonly number[];
  /** Indices of the certificates that are not on the path. */
  readonly unrelated: readonly number[];
}

/**
 * Finds the path from the server's certificate upward, regardless of the order in the file. The server's certificate is
 * the one that matches the private key or, without a key, the first one that issued none of the others.
 */
export function findChainPath(chain: readonly X509Certificate[], privateKey?: KeyObject): ChainPath {
  const path = [findLeaf(chain, privateKey)];
  for (;;) {
    const current = chain[path[path.length - 1]];
    if (isSelfSigned(current)) {
      break;
    }
    const next = chain.findIndex(
      (candidate, index) => !path.includes(index) && hasIssued(candidate, current),
    );
    if (next < 0) {
      break;
    }
    path.push(next);
  }
  return { path, unrelated: chain.map((_, index) => index).filter((index) => !path.includes(index)) };
}

/** Returns whether the certificate names itself as its issuer and is signed with its own key. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  // Not checkIssued(): it returns false if keyCertSign is missing from the key usage, as in many self-signed certificates.
  return certificate.subject === certificate.issuer && verifies(certificate, certificate);
}

/** Returns whether `issuer` issued and signed `certificate`. */
export function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && verifies(issuer, certificate);
}

/** Returns whether the private key belongs to the certificate. */
export function fitsPrivateKey(certificate: X509Certificate, privateKey: KeyObject): boolean {
  try {
    return certificate.checkPrivateKey(privateKey);
  } catch {
    return false;
  }
}

function findLeaf(chain: readonly X509Certificate[], privateKey: KeyObject | undefined): number {
  if (privateKey !== undefined) {
    const owner = chain.findIndex((certificate) => fitsPrivateKey(certificate, privateKey));
    if (owner >= 0) {
      return owner;
    }
  }
  const leaf = chain.findIndex((certificate) =>
    chain.every((other) => other === certificate || !hasIssued(certificate, other)),
  );
  return Math.max(leaf, 0);
}

function verifies(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // This build of OpenSSL does not support the key type.
    return false;
  }
}
