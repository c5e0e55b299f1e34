import { BrainwaveError } from '../errors/brainwave-error';

/** The build context of a container image cannot be assembled. */
export class ContainerError extends BrainwaveError {
  readonly code = 'BUILD_CONTEXT_INVALID';
}
