import type { IConstruct } from 'constructs';

import { BrainwaveError } from '../lib/errors/brainwave-error';

/** A construct that cannot be as it is declared. The message begins with the construct's path. */
export class ConstructError extends BrainwaveError {
  readonly code = 'CONSTRUCT_INVALID';

  constructor(scope: IConstruct, message: string, options?: ErrorOptions) {
    super(`${scope.node.path}: ${message}`, options);
  }
}

/**
 * Runs work whose errors know nothing of constructs, and puts the construct's path before them.
 * @internal
 */
export function withConstructPath<T>(scope: IConstruct, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BrainwaveError && !(error instanceof ConstructError)) {
      throw new ConstructError(scope, error.message, { cause: error });
    }
    throw error;
  }
}
