import { rm } from 'node:fs/promises';
import path from 'node:path';

import type { Example } from './project';
import { runCommand } from './run-command';

/** Synthesizes the example into its own `cdktf.out`. */
export async function synthesize({ folder }: Example): Promise<void> {
  // Removes the assets of earlier synths.
  await rm(path.join(folder, 'cdktf.out'), { recursive: true, force: true, maxRetries: 3 });
  await runCommand(process.execPath, [require.resolve('tsx/cli'), 'main.ts'], { cwd: folder });
}
