import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { BrainwaveError } from '../errors/brainwave-error';
import { outOfRange, wholeNumber } from '../validation/number-range';
import { canonicalAddress } from './certificate-names';
import { parseHostname } from './hostname';

/** Names and validity of a self-signed certificate. */
export interface SelfSignedCertificateOptions {
  /** DNS name or IP address that clients use to call the server. */
  readonly hostname: string;
  /** Additional IP addresses that the certificate covers, such as `127.0.0.1` and `::1`. @default - none */
  readonly ipAddresses?: readonly string[] | undefined;
  /** Validity in whole days, from 1 to 3650. @default 365 */
  readonly validityDays?: number | undefined;
  /** Time of issue. @default - the current time */
  readonly now?: Date | undefined;
}

/** Certificate and private key, both PEM. */
export interface SelfSignedCertificate {
  /** Server certificate, which is also the root certificate that clients must trust. */
  readonly certificate: string;
  /** Secret. Unencrypted PKCS#8. */
  readonly privateKey: string;
}

/** The host name, an IP address or the validity of a self-signed certificate is invalid. */
export class SelfSignedCertificateError extends BrainwaveError {
  readonly code = 'SELF_SIGNED_CERTIFICATE_OPTIONS';
}

// Clocks differ: the certificate must already be valid for a client whose clock is slightly behind.
const CLOCK_TOLERANCE_MILLISECONDS = 5 * 60_000;
const LONGEST_COMMON_NAME = 64;

/**
 * Creates a server certificate that clients can trust as a root: ECDSA P-256, SHA-256, for TLS servers only, and not a
 * certificate authority (`CA:FALSE`), so that a leaked key cannot be used to issue further certificates. It is valid from
 * five minutes before `now`.
 *
 * @throws SelfSignedCertificateError
 */
export async function createSelfSignedCertificate(
  options: SelfSignedCertificateOptions,
): Promise<SelfSignedCertificate> {
  const host = parseHostname(options.hostname);
  if (host === undefined) {
    throw new SelfSignedCertificateError(
      `hostname is ${JSON.stringify(options.hostname.slice(0, 253))}, expected a DNS name or IP address; ` +
        'pass a name such as scoring.localhost, without a scheme, port or wildcard',
    );
  }
  const addresses = [...new Set((options.ipAddresses ?? []).map(checkedAddress))];
  const days = options.validityDays ?? 365;
  const problem = outOfRange('validityDays', days, wholeNumber(1, 3650));
  if (problem !== undefined) {
    throw new SelfSignedCertificateError(problem);
  }
  const now = options.now ?? new Date();
  const names = [
    host.kind === 'dns' ? { type: 2 as const, value: host.value } : { type: 7 as const, ip: host.value },
    ...addresses.filter((ip) => ip !== host.value).map((ip) => ({ type: 7 as const, ip })),
  ];
  // Clients ignore the common name, which RFC 5280 limits to 64 characters (ub-common-name).
  const common = host.value.length <= LONGEST_COMMON_NAME ? host.value : 'self-signed';
  // Loaded on demand: it takes a tenth of a second, and certificate checks do not need it.
  const { generate } = createRequire(__filename)('selfsigned') as typeof import('selfsigned');
  const made = await generate([{ name: 'commonName', value: common }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - CLOCK_TOLERANCE_MILLISECONDS),
    notAfterDate: new Date(now.getTime() + days * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      // No keyUsage: OpenSSL, and with it grpc's C core, rejects a root whose keyUsage lacks keyCertSign, and keyCertSign
      // is for certificate authorities.
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names },
    ],
  });
  return { certificate: withFinalNewline(made.cert), privateKey: withFinalNewline(made.private) };
}

function checkedAddress(address: string): string {
  if (isIP(address) === 0) {
    throw new SelfSignedCertificateError(
      `ipAddresses contains ${JSON.stringify(address.slice(0, 64))}, expected an IP address such as 127.0.0.1 or ::1; ` +
        'pass a DNS name as hostname',
    );
  }
  return canonicalAddress(address);
}

function withFinalNewline(pem: string): string {
  return `${pem.trimEnd()}\n`;
}
