import { BrainwaveError } from '../../errors/brainwave-error';

/**
 * One of the images of a request cannot be decoded or is not accepted: it is empty, cut short, of another
 * format, or has too many pixels. Sending the same bytes again fails again.
 */
export class InvalidImageError extends BrainwaveError {
  readonly code = 'INVALID_IMAGE';

  /**
   * @param index which image of the request, from 0
   * @param problem what was got and what is accepted, without any of the image's bytes
   */
  constructor(
    readonly index: number,
    problem: string,
  ) {
    super(`images[${index}] ${problem}`);
  }
}
