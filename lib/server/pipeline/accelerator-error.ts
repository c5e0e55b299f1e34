import { BrainwaveError } from '../../errors/brainwave-error';

/** Why an accelerator did not answer. */
export type AcceleratorFailureReason =
  /** It does not run, or has not loaded the model. Sending the request again later may help. */
  | 'unavailable'
  /** It did not answer in time. */
  | 'deadline-exceeded'
  /** It failed, or answered something else than the stage promises. */
  | 'failed';

/** A stage did not get its features from the accelerator. */
export class AcceleratorError extends BrainwaveError {
  readonly code = 'ACCELERATOR_FAILED';

  /**
   * @param stage the stage's name
   * @param reason why, for programs
   * @param problem what is wrong and how to mend it
   */
  constructor(
    readonly stage: string,
    readonly reason: AcceleratorFailureReason,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`stage '${stage}' has no features: ${problem}`, options);
  }
}
