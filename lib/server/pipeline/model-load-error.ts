import { BrainwaveError } from '../../errors/brainwave-error';

/**
 * A stage's model file is missing or broken, or does not fit the stage before it; found when the pipeline
 * loads, before any request.
 */
export class ModelLoadError extends BrainwaveError {
  readonly code = 'MODEL_LOAD_FAILED';

  /**
   * @param stage the stage's name
   * @param problem what is wrong with its model and how to mend it
   */
  constructor(
    readonly stage: string,
    readonly problem: string,
  ) {
    super(`stage '${stage}' does not load: ${problem}`);
  }
}
