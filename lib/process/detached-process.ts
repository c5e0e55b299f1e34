import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { PRIVATE_FILE } from '../files/secret-file';
import { isInstanceRunning } from './process-identity';
import { serverEnvironment } from './server-environment';
import { readServerState, type ServerState } from './server-state';

const COMMAND = path.resolve(__dirname, '../cli/main.js');
const POLL_MS = 25;
/** Time for a killed process to disappear. */
const KILL_TIMEOUT_MS = 10_000;
const LOG_LINES = 20;

/** Commands that start a server: the scoring server, or the server of an entry script. */
export type ServingCommand = 'serve' | 'serve-entry-script';

export interface DetachedProcessOptions {
  readonly command: ServingCommand;
  /** Arguments of the command. */
  readonly args: readonly string[];
  readonly instance: string;
  readonly stateFile: string;
  readonly logFile: string;
}

/**
 * Starts a serving command of `cdktf-brainwave` as a process that outlives this one, with its output in a log file. It
 * inherits only the environment variables that a server needs, and no secrets.
 * @returns the process id
 */
export async function startDetachedProcess(options: DetachedProcessOptions): Promise<number> {
  const log = await open(options.logFile, 'a', PRIVATE_FILE);
  try {
    const child = spawn(
      process.execPath,
      [
        COMMAND,
        options.command,
        ...options.args,
        ...['--instance', options.instance, '--state-file', options.stateFile],
      ],
      // Its working directory must not be one that is removed while it runs.
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
    // A spawned process has a process id.
    return child.pid ?? 0;
  } finally {
    await log.close();
  }
}

/** Reads the last lines of a server's log, for the message of a failed start. */
export async function readLogTail(logFile: string): Promise<string> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  return log.trimEnd().split('\n').slice(-LOG_LINES).join('\n') || '(the log is empty)';
}

/**
 * Waits until a serving process reports a state.
 * @param settled returns the result for a state, or `undefined` to continue waiting
 * @returns `undefined` if the process ended or the time is up
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
    // Read after the process was checked: its last report counts even if it has ended since.
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
 * Asks a process to stop, and kills it if it does not.
 * @param killAfterMs time for calls in flight to end
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

/** Sends a signal to a process that may have ended already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}
