import { BrainwaveError } from '../errors/brainwave-error';

/** A command line that cannot be meant, or names a file that cannot be read. */
export class UsageError extends BrainwaveError {
  readonly code = 'USAGE';
}
