import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import { PORT_NUMBER } from '../../lib/validation/number-range';
import { ConstructError } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';

/** Routes of a container that has its own server. */
export interface ScoringRoutes {
  /** Port on which the server listens, for all paths. */
  readonly port: number;
  /** Path for requests: `/score`, or `/v1/models/digits:predict` of TensorFlow Serving. */
  readonly scoringPath: string;
  /** Path that returns 200 to a `GET` as long as the server is alive: `/v1/models/digits`. */
  readonly livenessPath: string;
  /** Path that returns 200 to a `GET` when the server is ready for requests. @default - `livenessPath` */
  readonly readinessPath?: string | undefined;
}

/**
 * Returns the `inferenceConfig` of an environment.
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-deploy-custom-container
 * @internal
 */
export function inferenceConfig(scope: Construct, routes: ScoringRoutes): Record<string, unknown> {
  const { port, scoringPath, livenessPath, readinessPath = livenessPath } = routes;
  requireNumber(scope, 'routes.port', port, PORT_NUMBER);
  for (const [name, path] of Object.entries({ scoringPath, livenessPath, readinessPath })) {
    // Azure's schema requires a letter, a digit or "_" in it.
    if (!Token.isUnresolved(path) && !/^\/\S*\w\S*$/.test(path)) {
      throw new ConstructError(scope, `routes.${name} is "${path}"; expected a path such as /score`);
    }
  }
  return {
    livenessRoute: { path: livenessPath, port },
    readinessRoute: { path: readinessPath, port },
    scoringRoute: { path: scoringPath, port },
  };
}
