import { BrainwaveError } from '../../errors/brainwave-error';

/** A request carries more images (or rows of an array) than a pipeline takes at once. */
export class BatchTooLargeError extends BrainwaveError {
  readonly code = 'BATCH_TOO_LARGE';

  /**
   * @param size how many the request has
   * @param limit how many are taken at once (`PipelineLimits.maxBatch`)
   */
  constructor(
    readonly size: number,
    readonly limit: number,
  ) {
    super(`got a batch of ${size}, at most ${limit} are taken at once; send them in several requests`);
  }
}
