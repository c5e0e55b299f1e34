import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

/** Mozilla's intermediate profile, version 5.7, but for the suites without ECDHE: HTTP/2 clients need none of those. */
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

/** What every listener of ours agrees to: TLS 1.2 or later with forward secrecy, neither compression nor renegotiation. */
export const tlsPolicy: Pick<SecureContextOptions, 'minVersion' | 'ciphers' | 'secureOptions'> = {
  minVersion: 'TLSv1.2',
  ciphers: CIPHERS.join(':'),
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
};
