import { BrainwaveError } from '../../lib/errors/brainwave-error';

/** A stack that is not as a test wants it. */
export class StackAssertionError extends BrainwaveError {
  readonly code = 'STACK_ASSERTION_FAILED';
}
