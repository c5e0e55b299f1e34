import { rm } from 'node:fs/promises';
import path from 'node:path';

import { example } from './project';
import { runCommand } from './run-command';

/** Synthesizes the example into its own `cdktf.out`. */
export async function synthesize(): Promise<void> {
  // An asset of an earlier synth would stay.
  await rm(path.join(example, 'cdktf.out'), { recursive: true, force: true, maxRetries: 3 });
  await runCommand(process.execPath, [require.resolve('tsx/cli'), 'main.ts'], { cwd: example });
}
