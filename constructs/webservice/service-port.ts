import type { IConstruct } from 'constructs';

import { defaultPort } from '../../lib/connection/default-port';
import { PORT_NUMBER } from '../../lib/validation/number-range';
import { ConstructError } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';

/**
 * Returns the port that clients call: by default 443 with TLS and 80 without.
 * @throws ConstructError if the port is 443 without TLS or 80 with TLS
 * @internal
 */
export function servicePort(scope: IConstruct, port: number | undefined, tls: boolean): number {
  requireNumber(scope, 'port', port, PORT_NUMBER);
  if (port === defaultPort(!tls)) {
    throw new ConstructError(
      scope,
      tls
        ? 'port is 80, where clients expect plaintext, but TLS is enabled; omit port to use 443, or set another port'
        : 'port is 443, where clients expect TLS, but TLS is disabled; set ssl, or omit port to use 80',
    );
  }
  return port ?? defaultPort(tls);
}
