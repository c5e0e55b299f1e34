import { styleText } from 'node:util';

import { BrainwaveError, isBrainwaveError } from '../errors/brainwave-error';
import { colorEnabled } from '../report/paint';
import { exitCodeOf } from '../errors/exit-code';

/** The command line is invalid, or names a file that cannot be read. */
export class UsageError extends BrainwaveError {
  readonly code = 'USAGE';
}

/**
 * Reports an error and sets the corresponding exit code. Known errors print only their message, defects print their stack.
 */
export function reportFailure(error: unknown): void {
  const known = isBrainwaveError(error);
  const text =
    error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  const label = colorEnabled(process.stderr) ? styleText('red', 'error:') : 'error:';
  process.stderr.write(`${label} ${text}\n`);
  process.exitCode = exitCodeOf(error);
}
