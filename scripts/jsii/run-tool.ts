import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { StepFailedError } from '../quickstart/step-failed-error';

/**
 * Runs a tool of jsii's to its end. They write what they find now to standard output, now to standard error.
 * @throws StepFailedError with all that it wrote
 */
export async function runTool(file: string, args: readonly string[], cwd: string): Promise<void> {
  // jsii warns of the oldest version that this library supports once its support by Node has ended.
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
