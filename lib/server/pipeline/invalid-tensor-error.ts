import { BrainwaveError } from '../../errors/brainwave-error';

/**
 * The array of a request does not fit the pipeline: another kind of input, another shape, or a value that
 * is NaN or infinite.
 */
export class InvalidTensorError extends BrainwaveError {
  readonly code = 'INVALID_TENSOR';
}
