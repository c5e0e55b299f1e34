import { readFile } from 'node:fs/promises';

import * as z from 'zod';

import { writePrivateFile } from '../files/secret-file';

/** State file, in which a serving process reports its status. */
const serverStateSchema = z.object({
  /** Distinguishes the process from any other that gets its process id. */
  instance: z.string(),
  pid: z.number().int().positive(),
  /** Content hash of the configuration that is in effect. */
  contentHash: z.string(),
  ready: z.boolean(),
  port: z.number().int(),
  /** Port of health checks and metrics. */
  healthPort: z.number().int().optional(),
  /** ISO 8601. */
  startedAt: z.string(),
  /** Number of configuration reloads. */
  reloads: z.number().int(),
  /** Reason why the last configuration read is not in effect. */
  failure: z.string().optional(),
});

export type ServerState = z.infer<typeof serverStateSchema>;

/** @throws FileWriteError if the file cannot be written */
export async function writeServerState(stateFile: string, state: ServerState): Promise<void> {
  await writePrivateFile(stateFile, `${JSON.stringify(state)}\n`);
}

/** Reads the last reported state; `undefined` if there is no valid one. */
export async function readServerState(stateFile: string): Promise<ServerState | undefined> {
  try {
    return serverStateSchema.parse(JSON.parse(await readFile(stateFile, 'utf8')));
  } catch {
    return undefined;
  }
}
