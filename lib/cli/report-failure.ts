import { styleText } from 'node:util';

import { BrainwaveError } from '../errors/brainwave-error';
import { colorEnabled } from './color';
import { exitCodeOf } from '../errors/exit-code';

/**
 * Says what went wrong, a sentence where the failure is one that is known, with a stack where it is a defect of
 * ours, and sets the exit code that tells its kind.
 */
export function reportFailure(error: unknown): void {
  const known = error instanceof BrainwaveError;
  const text =
    error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  const label = colorEnabled(process.stderr) ? styleText('red', 'error:') : 'error:';
  process.stderr.write(`${label} ${text}\n`);
  process.exitCode = exitCodeOf(error);
}
