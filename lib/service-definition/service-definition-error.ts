import { BrainwaveError } from '../errors/brainwave-error';

/** A service definition that cannot be built, or a zip that is none. */
export class ServiceDefinitionError extends BrainwaveError {
  readonly code = 'SERVICE_DEFINITION_INVALID';
}
