import type { IConstruct } from 'constructs';

import { PORT_NUMBER } from '../../lib/validation/number-range';
import { ConstructError } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';

/**
 * The port that clients call: by default 443 with TLS and 80 without.
 * @throws ConstructError for a port on which clients expect TLS but do not get it, or the reverse
 * @internal
 */
export function servicePort(scope: IConstruct, port: number | undefined, tls: boolean): number {
  requireNumber(scope, 'port', port, PORT_NUMBER);
  if (port === (tls ? 80 : 443)) {
    throw new ConstructError(
      scope,
      tls
        ? 'port is 80, where clients expect no TLS, but TLS is on; omit port to use 443, or choose another'
        : 'port is 443, where clients expect TLS, but TLS is off; set ssl, or omit port to use 80',
    );
  }
  return port ?? (tls ? 443 : 80);
}
