import { BrainwaveError } from '../../errors/brainwave-error';

/** A stage of the service definition cannot run here; found when the pipeline loads, before any request. */
export class StageNotSupportedError extends BrainwaveError {
  readonly code = 'STAGE_NOT_SUPPORTED';

  /**
   * @param stage the stage's name
   * @param problem what the stage needs that is not here, and how to mend it
   */
  constructor(
    readonly stage: string,
    readonly problem: string,
  ) {
    super(`stage '${stage}' cannot run here: ${problem}`);
  }
}
