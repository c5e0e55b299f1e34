import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { BrainwaveError } from '../errors/brainwave-error';
import { canonicalAddress } from './certificate-names';
import { parseHostname } from './hostname';

/** For whom and for how long to make a certificate. */
export interface SelfSignedCertificateOptions {
  /** The name by which clients call the server: a DNS name or an IP address. */
  readonly hostname: string;
  /** Further addresses that it covers, such as `127.0.0.1` and `::1`. @default - none */
  readonly ipAddresses?: readonly string[];
  /** Whole days, 1 to 3650. @default 365 */
  readonly validityDays?: number;
  /** @default - the present moment */
  readonly now?: Date;
}

/** A certificate and its key, both PEM. */
export interface SelfSignedCertificate {
  /** Give it to the clients: it is their trusted root, too. */
  readonly certificate: string;
  /** Secret: PKCS#8, not encrypted. */
  readonly privateKey: string;
}

/** A self-signed certificate was asked for with a name, an address or a validity that none can have. */
export class SelfSignedCertificateError extends BrainwaveError {
  readonly code = 'SELF_SIGNED_CERTIFICATE_OPTIONS';
}

// Clocks differ: a client that is a little behind must not find the certificate "not yet valid".
const clockToleranceMilliseconds = 5 * 60_000;
const longestCommonName = 64;

/**
 * Makes a server certificate that is its own trusted root: ECDSA P-256, SHA-256, not an authority (CA:FALSE,
 * so that whoever gets the key can issue nothing), for TLS servers only. grpc-js, Python's grpcio and Go accept
 * it as a root certificate. It begins five minutes before `now`.
 *
 * @throws SelfSignedCertificateError
 */
export async function createSelfSignedCertificate(
  options: SelfSignedCertificateOptions,
): Promise<SelfSignedCertificate> {
  const host = parseHostname(options.hostname);
  if (host === undefined) {
    throw new SelfSignedCertificateError(
      `got the host name ${JSON.stringify(options.hostname.slice(0, 253))}, expected one DNS name or IP address, ` +
        'such as scoring.localhost, without a scheme, a port or a wildcard',
    );
  }
  const addresses = [...new Set((options.ipAddresses ?? []).map(checkedAddress))];
  const days = options.validityDays ?? 365;
  if (!Number.isInteger(days) || days < 1 || days > 3650) {
    throw new SelfSignedCertificateError(`got validityDays ${days}, expected a whole number from 1 to 3650`);
  }
  const now = options.now ?? new Date();
  const names = [
    host.kind === 'dns' ? { type: 2 as const, value: host.value } : { type: 7 as const, ip: host.value },
    ...addresses.filter((ip) => ip !== host.value).map((ip) => ({ type: 7 as const, ip })),
  ];
  // Nobody checks the common name; it may not be longer than this (RFC 5280, ub-common-name).
  const common = host.value.length <= longestCommonName ? host.value : 'self-signed';
  // Loaded here: it takes a tenth of a second, and checks of certificates do not need it.
  const { generate } = createRequire(__filename)('selfsigned') as typeof import('selfsigned');
  const made = await generate([{ name: 'commonName', value: common }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - clockToleranceMilliseconds),
    notAfterDate: new Date(now.getTime() + days * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names },
    ],
  });
  return { certificate: withFinalNewline(made.cert), privateKey: withFinalNewline(made.private) };
}

function checkedAddress(address: string): string {
  if (isIP(address) === 0) {
    throw new SelfSignedCertificateError(
      `got the IP address ${JSON.stringify(address.slice(0, 64))}, expected one such as 127.0.0.1 or ::1; ` +
        'a DNS name goes into hostname',
    );
  }
  return canonicalAddress(address);
}

function withFinalNewline(pem: string): string {
  return `${pem.trimEnd()}\n`;
}
