import { InferenceFailedError, ModelLoadError, StageNotSupportedError } from '../pipeline-errors';
import { messageOf } from '../../../errors/brainwave-error';

const kinds = { ModelLoadError, StageNotSupportedError, InferenceFailedError };

/** An error in a form that can be sent between threads, which preserve neither the class nor the code of an error. */
export interface Failure {
  readonly kind: keyof typeof kinds;
  readonly stage: string;
  readonly problem: string;
}

/** Packs an error of a stage. An error of any other class is packed as `otherwise`. */
export function packFailure(stage: string, error: unknown, otherwise: Failure['kind']): Failure {
  for (const kind of Object.keys(kinds) as Failure['kind'][]) {
    if (error instanceof kinds[kind]) {
      return { kind, stage: error.stage, problem: error.problem };
    }
  }
  const reason = messageOf(error);
  return { kind: otherwise, stage, problem: reason.trim().replace(/\s*\n\s*/g, '; ') };
}

/** Restores the packed error with its class. */
export function unpackFailure({ kind, stage, problem }: Failure): Error {
  return new kinds[kind](stage, problem);
}
