import { isBrainwaveError } from '../../lib/errors/brainwave-error';

/** Start of the error with which `App.synth` reports what validations of constructs have found. */
const VALIDATION_FAILED = 'Validation failed with the following errors:';

/** How a program that synthesizes stacks reports what is wrong in them. */
export class SynthErrors {
  /**
   * Ends the process with the message and exit code 1 for an invalid stack. Node.js would print a line of this library and a stack
   * trace with it, which do not help to correct the stack. Other errors keep their stack trace.
   *
   * Call it at the start of the program, before it declares stacks.
   */
  static hideStackTraces(): void {
    if (process.listenerCount('uncaughtException', report) === 0) {
      process.on('uncaughtException', report);
    }
  }
}

function report(error: unknown): void {
  process.stderr.write(`${textOf(error)}\n`, () => process.exit(1));
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return isBrainwaveError(error) || error.message.startsWith(VALIDATION_FAILED)
    ? `error: ${error.message}`
    : (error.stack ?? error.message);
}
