import { constants } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

import { ServerOptionsError } from './serving-errors';

/** Server certificate and its private key. */
export interface TlsContext {
  /** Certificate chain as PEM. */
  readonly certificate: string;
  /** Private key as PEM. */
  readonly privateKey: string;
}

/**
 * Mozilla's intermediate profile, version 5.7, without the suites that lack ECDHE, which HTTP/2 clients do not need.
 * @see https://wiki.mozilla.org/Security/Server_Side_TLS
 */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

/** TLS options of every listener: TLS 1.2 or later with forward secrecy, neither compression nor renegotiation. */
export function secureContextOptions({ certificate, privateKey }: TlsContext): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS.join(':'),
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
    cert: certificate,
    key: privateKey,
  };
}

/** @throws ServerOptionsError if the certificate or the private key is invalid, or they do not match */
export function requireUsableCertificate({ certificate, privateKey }: TlsContext): void {
  try {
    createSecureContext({ cert: certificate, key: privateKey });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ServerOptionsError(
      code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
        ? 'the certificate and the private key do not match; use the private key for which the certificate was issued'
        : `the certificate or the private key is invalid (${message}); use PEM, and a private key without a passphrase`,
      { cause: error },
    );
  }
}
