import type { KeyObject, X509Certificate } from 'node:crypto';

/** How the certificates of a file belong together. */
export interface ChainPath {
  /** Indices from the server's certificate up, each issued by the next. Never empty. */
  readonly path: readonly number[];
  /** Indices of the certificates that are not on that path. */
  readonly unrelated: readonly number[];
}

/**
 * Finds the path from the server's certificate upwards, in whatever order the file holds it. The server's
 * certificate is the one that the private key fits; without a key, the first that issued none of the others.
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

/** Whether a certificate carries its own name as its issuer's, and its own key's signature. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  // Not checkIssued(): it says no where the key usage lacks keyCertSign, as in most self-signed certificates.
  return certificate.subject === certificate.issuer && verifies(certificate, certificate);
}

/** Whether one certificate was issued and signed by another. */
export function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && verifies(issuer, certificate);
}

/** Whether a private key belongs to a certificate. */
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
    // A key of a kind that OpenSSL here does not know.
    return false;
  }
}
