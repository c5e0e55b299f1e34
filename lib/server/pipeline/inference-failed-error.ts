import { BrainwaveError } from '../../errors/brainwave-error';

/** A model was given an input of the right shape and failed all the same. */
export class InferenceFailedError extends BrainwaveError {
  readonly code = 'INFERENCE_FAILED';

  /**
   * @param stage the stage's name
   * @param problem what the engine says
   */
  constructor(
    readonly stage: string,
    readonly problem: string,
  ) {
    super(`stage '${stage}' failed: ${problem}`);
  }
}
