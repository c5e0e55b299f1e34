import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { StepFailedError } from '../quickstart/step-failed-error';

/**
 * Runs a jsii tool. The tools write problems to standard output or to standard error.
 * @throws StepFailedError with the complete output if the tool fails
 */
export async function runTool(file: string, args: readonly string[], cwd: string): Promise<void> {
  // Suppresses jsii's warning about the oldest Node.js version that this library supports.
  const [major] = process.versions.node.split('.');
  const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: major };
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  if (exitCode !== 0) {
    throw new StepFailedError(output.trim() || `${[file, ...args].join(' ')} ended with ${exitCode}`);
  }
}
