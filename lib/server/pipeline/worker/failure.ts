import {
  InferenceFailedError,
  InvalidImageError,
  ModelLoadError,
  StageNotSupportedError,
} from '../pipeline-errors';
import { messageOf } from '../../../errors/brainwave-error';

const kinds = { ModelLoadError, StageNotSupportedError, InferenceFailedError };

/** An error in a form that can be sent between threads, which preserve neither the class nor the code of an error. */
export type Failure = StageFailure | ImageFailure;

export interface StageFailure {
  readonly kind: keyof typeof kinds;
  readonly stage: string;
  readonly problem: string;
}

interface ImageFailure {
  readonly kind: 'InvalidImageError';
  readonly index: number;
  readonly problem: string;
}

/** Packs an error of a stage. An error of any other class is packed as `otherwise`. */
export function packFailure(stage: string, error: unknown, otherwise: StageFailure['kind']): Failure {
  if (error instanceof InvalidImageError) {
    return { kind: 'InvalidImageError', index: error.index, problem: error.problem };
  }
  for (const kind of Object.keys(kinds) as StageFailure['kind'][]) {
    if (error instanceof kinds[kind]) {
      return { kind, stage: error.stage, problem: error.problem };
    }
  }
  const reason = messageOf(error);
  return { kind: otherwise, stage, problem: reason.trim().replace(/\s*\n\s*/g, '; ') };
}

/** Restores the packed error with its class. */
export function unpackFailure(failure: Failure): Error {
  return failure.kind === 'InvalidImageError'
    ? new InvalidImageError(failure.index, failure.problem)
    : new kinds[failure.kind](failure.stage, failure.problem);
}
