import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { isInstanceRunning } from '../process/process-identity';
import { PRIVATE_FILE } from '../files/private-file';
import { serverStateSchema, type ServerState } from './serve-configuration';
import { serverEnvironment } from './server-environment';

const COMMAND = path.resolve(__dirname, '../cli/main.js');
const POLL_MS = 25;
/** How long a process that was killed may take to vanish. */
const KILL_TIMEOUT_MS = 10_000;

/** The commands whose processes serve: the scoring server, and an entry script's. */
export type ServingCommand = 'serve' | 'serve-entry-script';

export interface DetachedProcessOptions {
  /** @default 'serve' */
  readonly command?: ServingCommand | undefined;
  /** Its arguments. */
  readonly args: readonly string[];
  readonly instance: string;
  readonly stateFile: string;
  readonly logFile: string;
}

/**
 * Starts a serving command of `cdktf-brainwave` as a process that outlives this one, its output going to a log file.
 * Of this one's environment it has what a server needs, and no secrets.
 * @returns its process id
 */
export async function startDetachedProcess(options: DetachedProcessOptions): Promise<number> {
  const log = await open(options.logFile, 'a', PRIVATE_FILE);
  try {
    const child = spawn(
      process.execPath,
      [
        COMMAND,
        options.command ?? 'serve',
        ...options.args,
        ...['--instance', options.instance, '--state-file', options.stateFile],
      ],
      // A folder that is removed while the server runs must not be the one it runs in.
      {
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        cwd: path.parse(COMMAND).root,
        env: serverEnvironment(process.env),
      },
    );
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    // A process that was spawned has one.
    return child.pid ?? 0;
  } finally {
    await log.close();
  }
}

/** What a serving process last said of itself; `undefined` where it has said nothing that can be read. */
export async function readServerState(stateFile: string): Promise<ServerState | undefined> {
  try {
    return serverStateSchema.parse(JSON.parse(await readFile(stateFile, 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Waits until a serving process has said something that settles the question.
 * @param settled returns what was waited for, or `undefined` to go on waiting
 * @returns `undefined` when the process ended or the time was over
 */
export async function waitForState<T>(
  options: {
    pid: number;
    instance: string;
    stateFile: string;
    timeoutMs: number;
    onWait?: ((ms: number) => void) | undefined;
  },
  settled: (state: ServerState) => T | undefined,
): Promise<T | undefined> {
  const startedAt = performance.now();
  for (;;) {
    const alive = await isInstanceRunning(options.pid, options.instance);
    // Read after the look at the process: what it wrote last counts even if it has ended since.
    const state = await readServerState(options.stateFile);
    const result = state?.instance === options.instance ? settled(state) : undefined;
    const waitedMs = performance.now() - startedAt;
    if (result !== undefined || !alive || waitedMs > options.timeoutMs) {
      return result;
    }
    options.onWait?.(waitedMs);
    await delay(POLL_MS);
  }
}

/**
 * Asks a process to stop, and kills it where it does not.
 * @param killAfterMs how long it may take to let its calls end
 * @returns whether it has ended
 */
export async function stopProcess(
  { pid, instance }: { pid: number; instance: string },
  killAfterMs: number,
): Promise<boolean> {
  signal(pid, 'SIGTERM');
  const killAt = performance.now() + killAfterMs;
  while (await isInstanceRunning(pid, instance)) {
    const lateMs = performance.now() - killAt;
    if (lateMs > KILL_TIMEOUT_MS) {
      return false;
    }
    if (lateMs > 0) {
      signal(pid, 'SIGKILL');
    }
    await delay(POLL_MS);
  }
  return true;
}

/** Signals a process, which may end at any moment. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}
