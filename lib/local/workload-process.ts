import { randomUUID } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { LocalError } from '../errors/local-error';
import {
  readLogTail,
  signal,
  startDetachedProcess,
  stopProcess,
  waitForState,
  type ServingCommand,
} from '../process/detached-process';
import { findServingProcesses, type FoundProcess } from '../process/find-process';
import { isInstanceRunning } from '../process/process-identity';
import { readServerState, type ServerState } from '../process/server-state';
import { isPortFree } from './free-port';
import type { WorkloadFolder } from './workload-folder';

const START_TIMEOUT_MS = 120_000;
/** A little longer than a server takes at most to drain. */
const STOP_TIMEOUT_MS = 35_000;
/** Time for a killed process to release its port. */
const DYING_MS = 3000;
const POLL_MS = 25;

type RunningProcess = Pick<ServerState, 'pid' | 'instance'>;

/** The part of a configuration that the process's life depends on. */
export interface Configured {
  readonly host: string;
  readonly revision: string;
}

/** Receives a sentence about each thing that happens while a workload starts, changes or stops. */
export type OnProgress = (message: string) => void;

/** The detached process of a workload: started, changed in place, and stopped. */
export class WorkloadProcess {
  /**
   * @param command serves what the folder's configuration says
   */
  constructor(
    private readonly folder: WorkloadFolder,
    private readonly command: ServingCommand,
    /** How long a start or a change may take. */
    private readonly startTimeoutMs = START_TIMEOUT_MS,
  ) {}

  /** Reads the last reported state; `undefined` if no process runs. */
  async state(): Promise<ServerState | undefined> {
    const state = await readServerState(this.folder.stateFile);
    return state && (await isInstanceRunning(state.pid, state.instance)) ? state : undefined;
  }

  /**
   * Stops processes of this workload that its folder does not know, because it was removed by hand while they ran. The
   * caller must hold the workload's lock: a process that is being started has not reported anything yet, either.
   */
  async endForgotten(onProgress: OnProgress): Promise<void> {
    for (const forgotten of await this.forgotten()) {
      onProgress(`process ${forgotten.pid} serves without its folder, which was removed`);
      await this.stop(forgotten, onProgress);
    }
  }

  private async forgotten(): Promise<FoundProcess[]> {
    const known = (await this.state())?.instance;
    const found = await findServingProcesses(this.folder.stateFile);
    return found.filter(({ instance }) => instance !== known);
  }

  /** @throws LocalError START_FAILED with the log's last lines */
  async start({ host, revision }: Configured, onProgress: OnProgress): Promise<void> {
    await truncate(this.folder.logFile).catch(ignore);
    const instance = randomUUID();
    const { configurationFile, stateFile, logFile } = this.folder;
    const pid = await startDetachedProcess({
      command: this.command,
      args: ['--config', configurationFile],
      instance,
      stateFile,
      logFile,
    });
    onProgress(`process ${pid} started; waiting until its model is loaded`);
    const ready = await this.waitUntil({ pid, instance }, onProgress, (state) => isServing(state, revision));
    if (!ready) {
      const alive = await isInstanceRunning(pid, instance);
      if (alive) {
        await this.stop({ pid, instance }, onProgress);
      }
      throw new LocalError(
        'START_FAILED',
        `${this.folder.title} did not start: ` +
          (alive ? `it was not ready after ${this.startTimeoutMs / 1000} s` : 'its process ended') +
          `\nthe last lines of ${logFile}:\n${await readLogTail(logFile)}`,
      );
    }
    onProgress(`ready on ${host}:${ready.port}`);
  }

  /** @throws LocalError UPDATE_FAILED if the former configuration stays in effect */
  async update(running: ServerState, configuration: Configured, onProgress: OnProgress): Promise<void> {
    const { pid } = running;
    const { revision, host } = configuration;
    if (running.revision === revision && running.ready) {
      onProgress(`unchanged on ${host}:${running.port} (process ${pid})`);
      return;
    }
    let outcome: ServerState | undefined;
    if (running.revision === revision) {
      onProgress(`process ${pid} is still loading its model`);
      outcome = await this.waitUntil(running, onProgress, (state) => isServing(state, revision));
    } else {
      onProgress(`process ${pid} takes over the new configuration while it serves`);
      signal(pid, 'SIGHUP');
      outcome = await this.waitUntil(running, onProgress, (state) =>
        // The result of an earlier reload that took long is not the result of this one.
        state.reloads > running.reloads && (state.revision === revision || state.failure !== undefined)
          ? state
          : undefined,
      );
    }
    if (outcome?.revision === revision) {
      onProgress(`updated in place on ${host}:${outcome.port} (process ${pid})`);
    } else if (outcome ?? (await isInstanceRunning(pid, running.instance))) {
      const { logFile } = this.folder;
      throw new LocalError(
        'UPDATE_FAILED',
        `${this.folder.title} did not take the new configuration and goes on with the former one: ` +
          (outcome?.failure ?? `see the last lines of ${logFile}:\n${await readLogTail(logFile)}`),
      );
    } else {
      onProgress(`process ${pid} has ended; another one takes its place`);
      await this.start(configuration, onProgress);
    }
  }

  /**
   * Has the process read its configuration again after an update has failed and its files were restored: a process that
   * was only slow would use a configuration that no longer exists.
   */
  async goBack(running: ServerState): Promise<void> {
    const state = await this.state();
    if (state?.instance === running.instance && state.reloads === running.reloads) {
      signal(running.pid, 'SIGHUP');
    }
  }

  /** @throws LocalError STOP_FAILED */
  async stop(running: RunningProcess, onProgress: OnProgress): Promise<void> {
    const { pid } = running;
    onProgress(`process ${pid} is asked to stop; calls in flight may end`);
    if (!(await stopProcess(running, STOP_TIMEOUT_MS))) {
      throw new LocalError(
        'STOP_FAILED',
        `process ${pid} of ${this.folder.title} does not end; kill it by hand`,
      );
    }
    onProgress(`process ${pid} has ended`);
  }

  /**
   * Stops the process if it runs, and those that the folder does not know.
   * @throws LocalError STOP_FAILED
   */
  async end(onProgress: OnProgress): Promise<void> {
    const running = await this.state();
    if (running) {
      await this.stop(running, onProgress);
    }
    await this.endForgotten(onProgress);
  }

  /** @param taken creates the error for a port that another process uses */
  async requireFreePort(address: string, port: number, taken: () => Promise<LocalError>): Promise<void> {
    // A killed process may hold its port for a moment after it has disappeared.
    const former = await readServerState(this.folder.stateFile);
    const giveUpAt = performance.now() + (former?.port === port ? DYING_MS : 0);
    while (port !== 0 && !(await isPortFree(address, port))) {
      if (performance.now() > giveUpAt) {
        if ((await this.forgotten()).length > 0) {
          // It is stopped before the new process starts.
          return;
        }
        throw await taken();
      }
      await delay(POLL_MS);
    }
  }

  private waitUntil(
    { pid, instance }: RunningProcess,
    onProgress: OnProgress,
    settled: (state: ServerState) => ServerState | undefined,
  ): Promise<ServerState | undefined> {
    const { stateFile } = this.folder;
    const onWait = everyFewSeconds(onProgress);
    return waitForState({ pid, instance, stateFile, timeoutMs: this.startTimeoutMs, onWait }, settled);
  }
}

function isServing(state: ServerState, revision: string): ServerState | undefined {
  return state.ready && state.revision === revision ? state : undefined;
}

function everyFewSeconds(onProgress: OnProgress): (waitedMs: number) => void {
  let next = 2000;
  return (waitedMs) => {
    if (waitedMs >= next) {
      onProgress(`still waiting (${Math.round(waitedMs / 1000)} s)`);
      next += 2000;
    }
  };
}

function ignore(): void {
  // There is no log yet.
}
