import type { IConstruct } from 'constructs';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { findUnknownKey, type KnownKeys } from '../../lib/validation/known-keys';

/** The declaration of a construct is invalid. The message begins with the construct's path. */
export class ConstructError extends BrainwaveError {
  readonly code = 'CONSTRUCT_INVALID';

  constructor(scope: IConstruct, message: string, options?: ErrorOptions) {
    super(`${scope.node.path}: ${message}`, options);
  }
}

/**
 * Runs work and prepends the construct's path to the messages of its errors.
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

/**
 * Rejects properties that a construct does not have: a stack that runs with `tsx` is not type-checked, and a misspelled
 * property would have no effect.
 * @param known all properties of the props type, including the properties of nested objects
 * @throws ConstructError with the first unknown property and a similar known one
 * @internal
 */
export function requireKnownProps<Props extends object>(
  scope: IConstruct,
  props: Props,
  known: KnownKeys<NoInfer<Props>>,
): void {
  const unknown = findUnknownKey(props, known);
  if (unknown) {
    throw new ConstructError(scope, `${unknown.finding}; ${unknown.remedy}`);
  }
}
