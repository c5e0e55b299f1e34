import { spawn } from 'node:child_process';

import { StepFailedError } from './step-failed-error';

/**
 * Runs a program until it exits.
 * @returns its standard output
 * @throws StepFailedError with its standard error, or else its standard output, if it fails
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<string> {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (exitCode !== 0) {
    throw new StepFailedError(
      errors.trim() || output.trim() || `${[file, ...args].join(' ')} ended with ${exitCode}`,
    );
  }
  return output;
}
