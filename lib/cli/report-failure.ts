import { styleText } from 'node:util';

import { BrainwaveError } from '../errors/brainwave-error';
import { colorEnabled } from '../report/paint';
import { exitCodeOf } from '../errors/exit-code';

/** The command line is invalid, or names a file that cannot be read. */
export class UsageError extends BrainwaveError {
  readonly code = 'USAGE';
}

/**
 * Reports what went wrong and sets the exit code of its kind. A known failure is one sentence; a defect of this program
 * comes with its stack.
 */
export function reportFailure(error: unknown): void {
  const known = error instanceof BrainwaveError;
  const text =
    error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  const label = colorEnabled(process.stderr) ? styleText('red', 'error:') : 'error:';
  process.stderr.write(`${label} ${text}\n`);
  process.exitCode = exitCodeOf(error);
}
