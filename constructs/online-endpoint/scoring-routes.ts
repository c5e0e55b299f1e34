import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import { PORT_NUMBER } from '../../lib/validation/number-range';
import { ConstructError } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';

/** Where a container answers that brings a server of its own. */
export interface ScoringRoutes {
  /** The port that it listens on, for all paths. */
  readonly port: number;
  /** Where requests go: `/score`, or TensorFlow Serving's `/v1/models/digits:predict`. */
  readonly scoringPath: string;
  /** Where a `GET` is answered with 200 as long as the server is alive: `/v1/models/digits`. */
  readonly livenessPath: string;
  /** Where a `GET` is answered with 200 once the server takes requests. @default - as `livenessPath` */
  readonly readinessPath?: string | undefined;
}

/**
 * An environment's `inferenceConfig`.
 * Source: "Use a custom container to deploy a model to an online endpoint".
 * @internal
 */
export function inferenceConfig(scope: Construct, routes: ScoringRoutes): Record<string, unknown> {
  const { port, scoringPath, livenessPath, readinessPath = livenessPath } = routes;
  requireNumber(scope, 'routes.port', port, PORT_NUMBER);
  for (const [name, path] of Object.entries({ scoringPath, livenessPath, readinessPath })) {
    // Azure's schema asks for a letter, a digit or "_" in it.
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
