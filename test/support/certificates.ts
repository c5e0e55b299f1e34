import { createPrivateKey, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

/** A certificate that a test made, with its key. */
export interface IssuedCertificate {
  /** PEM of this certificate alone. */
  readonly certificate: string;
  /** PEM, PKCS#8, not encrypted. */
  readonly privateKey: string;
  /** PEM of this certificate and its issuers up to, not with, the root: what a server would send. */
  readonly chain: string;
}

/** An authority that a test made: a root, or below another an intermediate. */
export interface Authority extends IssuedCertificate {
  /** PEM of the root above it, or of itself. */
  readonly root: string;
  readonly subject: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

interface Dates {
  /** @default - a day ago */
  readonly notBefore?: Date;
  /** @default - in 90 days */
  readonly notAfter?: Date;
}

export interface AuthorityOptions extends Dates {
  /** The common name. */
  readonly name: string;
  /** @default - a root, which signs itself */
  readonly issuer?: Authority;
}

export interface CertificateOptions extends Dates {
  /** DNS names, wildcards and IP addresses: the SANs. @default - no SAN at all */
  readonly names?: readonly string[];
  /** What each name is, where it is not what it looks like. @default - addresses are `ip`, others `dns` */
  readonly kinds?: readonly ('dns' | 'ip')[];
  /** @default - the first name */
  readonly commonName?: string;
  /** @default - none */
  readonly organization?: string;
  /** @default - self-signed */
  readonly issuer?: Authority;
  /** OIDs. @default - serverAuth */
  readonly extendedKeyUsages?: readonly string[];
  /** @default 'ec' */
  readonly keyType?: 'ec' | 'rsa';
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};

x509.cryptoProvider.set(globalThis.crypto);

/** Makes an authority whose certificates nothing trusts but the tests that are given its root. */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const keys = await generateKeys('ec');
  const subject = `O=Test, CN=${options.name}`;
  const made = await sign(options, subject, keys, options.issuer, [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]);
  const { issuer } = options;
  return { ...made, subject, keys, chain: issuer ? made.chain : '', root: issuer?.root ?? made.certificate };
}

/** Issues a server's certificate. */
export async function issueCertificate(options: CertificateOptions = {}): Promise<IssuedCertificate> {
  const { names = [], keyType = 'ec' } = options;
  const keys = await generateKeys(keyType);
  const organization = options.organization === undefined ? '' : `O=${options.organization}, `;
  const subject = `${organization}CN=${options.commonName ?? [...names, 'unnamed'][0]}`;
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([
      ...(options.extendedKeyUsages ?? [x509.ExtendedKeyUsage.serverAuth]),
    ] as string[]),
  ];
  if (names.length > 0) {
    extensions.push(
      new x509.SubjectAlternativeNameExtension(
        names.map((value, index) => ({
          type: options.kinds?.[index] ?? (isIP(value) === 0 ? 'dns' : 'ip'),
          value,
        })),
      ),
    );
  }
  return sign(options, subject, keys, options.issuer, extensions);
}

/** The same private key, protected by a passphrase. */
export function encryptPrivateKey(privateKey: string, passphrase = 'test'): string {
  return createPrivateKey(privateKey)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString();
}

/** The DER bytes of the first block of a PEM text. */
export function derOf(pem: string): Buffer {
  const body = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem)?.[1] ?? '';
  return Buffer.from(body, 'base64');
}

async function sign(
  dates: Dates,
  subject: string,
  keys: webcrypto.CryptoKeyPair,
  issuer: Authority | undefined,
  extensions: x509.Extension[],
): Promise<IssuedCertificate> {
  const made = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: dates.notBefore ?? new Date(Date.now() - 86_400_000),
    notAfter: dates.notAfter ?? new Date(Date.now() + 90 * 86_400_000),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: issuer || keys.publicKey.algorithm.name === 'ECDSA' ? ecdsa : rsa,
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create((issuer?.keys ?? keys).publicKey),
    ],
  });
  const certificate = `${made.toString('pem').trim()}\n`;
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
  return { certificate, privateKey, chain: certificate + (issuer?.chain ?? '') };
}

function generateKeys(keyType: 'ec' | 'rsa'): Promise<webcrypto.CryptoKeyPair> {
  return keyType === 'ec'
    ? webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
    : webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
}
