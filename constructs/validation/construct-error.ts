import type { IConstruct } from 'constructs';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { findUnknownKey, type KnownKeys } from '../../lib/validation/known-keys';

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

/**
 * Refuses properties that a construct does not have: a stack that runs under `tsx` is not type-checked, and a misspelled
 * property would have no effect.
 * @param known every property of the props type, with the properties of nested objects
 * @throws ConstructError naming the first unknown property and the one that it resembles
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
