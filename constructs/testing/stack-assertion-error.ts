import { BrainwaveError } from '../../lib/errors/brainwave-error';

/** An assertion about a stack failed. */
export class StackAssertionError extends BrainwaveError {
  readonly code = 'STACK_ASSERTION_FAILED';
}
