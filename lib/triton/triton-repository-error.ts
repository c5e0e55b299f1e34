import { BrainwaveError } from '../errors/brainwave-error';

/** A `brainwave` stage cannot be a model of Triton's. */
export class TritonRepositoryError extends BrainwaveError {
  readonly code = 'TRITON_REPOSITORY_INVALID';
}
