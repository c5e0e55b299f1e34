import { randomUUID } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import path from 'node:path';
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
import { findServingProcess, findServingProcesses, type FoundProcess } from '../process/find-process';
import { isInstanceRunning } from '../process/process-identity';
import { readServerState, type ServerState } from '../process/server-state';
import { isPortFree } from './free-port';
import type { WorkloadFolder } from './workload-folder';

const START_TIMEOUT_MS = 120_000;
/** Slightly longer than the maximum drain time of a server. */
const STOP_TIMEOUT_MS = 35_000;
/** Time for a killed process to release its port. */
const DYING_MS = 3000;
const POLL_MS = 25;

type RunningProcess = Pick<ServerState, 'pid' | 'instance'>;

/** Configuration fields that the process's lifecycle depends on. */
export interface Configured {
  readonly host: string;
  readonly contentHash: string;
}

/** Receives a message about each event while a workload starts, changes or stops. */
export type OnProgress = (message: string) => void;

/** The detached process of a workload: started, changed in place, and stopped. */
export class WorkloadProcess {
  /**
   * @param command command that serves the folder's configuration
   */
  constructor(
    private readonly folder: WorkloadFolder,
    private readonly command: ServingCommand,
    /** Time limit of a start or change, in milliseconds. */
    private readonly startTimeoutMs = START_TIMEOUT_MS,
  ) {}

  /**
   * Reads the last reported state; `undefined` if no process is running. A process of the folder from which this one was
   * copied is not this folder's.
   */
  async state(): Promise<ServerState | undefined> {
    const state = await readServerState(this.folder.stateFile);
    if (!state || !(await isInstanceRunning(state.pid, state.instance))) {
      return undefined;
    }
    const former = await this.formerFolder(state);
    return former !== undefined && existsSync(former) ? undefined : state;
  }

  /** Returns the folder in which a process was started, if it is not the workload's folder. */
  async formerFolder({ pid, instance }: RunningProcess): Promise<string | undefined> {
    const found = await findServingProcess(pid);
    const folder = found?.instance === instance ? path.dirname(found.stateFile) : undefined;
    const isOurs = folder === undefined || realPath(folder) === realPath(this.folder.path);
    return isOurs ? undefined : folder;
  }

  /**
   * Stops orphaned processes of this workload, whose folder was removed by hand while they were running. The caller must
   * hold the workload's lock, because a process that is starting has not reported a state yet, either.
   */
  async endForgotten(onProgress: OnProgress): Promise<void> {
    for (const forgotten of await this.forgotten()) {
      onProgress(`process ${forgotten.pid} is running although its folder was removed`);
      await this.stop(forgotten, onProgress);
    }
  }

  private async forgotten(): Promise<FoundProcess[]> {
    const known = (await this.state())?.instance;
    const found = await findServingProcesses(this.folder.stateFile);
    return found.filter(({ instance }) => instance !== known);
  }

  /** @throws LocalError START_FAILED with the last lines of the log */
  async start({ host, contentHash }: Configured, onProgress: OnProgress): Promise<void> {
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
    const ready = await this.waitUntil({ pid, instance }, onProgress, (state) =>
      isServing(state, contentHash),
    );
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
    const { contentHash, host } = configuration;
    if (running.contentHash === contentHash && running.ready) {
      onProgress(`unchanged on ${host}:${running.port} (process ${pid})`);
      return;
    }
    let outcome: ServerState | undefined;
    if (running.contentHash === contentHash) {
      onProgress(`process ${pid} is still loading its model`);
      outcome = await this.waitUntil(running, onProgress, (state) => isServing(state, contentHash));
    } else {
      onProgress(`process ${pid} is switching to the new configuration without downtime`);
      signal(pid, 'SIGHUP');
      outcome = await this.waitUntil(running, onProgress, (state) =>
        // Ignore the result of an earlier, slow reload.
        state.reloads > running.reloads && (state.contentHash === contentHash || state.failure !== undefined)
          ? state
          : undefined,
      );
    }
    if (outcome?.contentHash === contentHash) {
      onProgress(`updated in place on ${host}:${outcome.port} (process ${pid})`);
    } else if (outcome ?? (await isInstanceRunning(pid, running.instance))) {
      const { logFile } = this.folder;
      throw new LocalError(
        'UPDATE_FAILED',
        `${this.folder.title} rejected the new configuration and continues with the previous one: ` +
          (outcome?.failure ?? `see the last lines of ${logFile}:\n${await readLogTail(logFile)}`),
      );
    } else {
      onProgress(`process ${pid} ended; starting another one`);
      await this.start(configuration, onProgress);
    }
  }

  /**
   * Makes the process reload its configuration after an update failed and its files were restored. A process that was
   * only slow would otherwise use a configuration that no longer exists.
   */
  async goBack(running: ServerState): Promise<void> {
    const state = await this.state();
    if (state?.instance === running.instance && state.reloads === running.reloads) {
      signal(running.pid, 'SIGHUP');
    }
  }

  /** @throws LocalError STOP_FAILED if the process does not end */
  async stop(running: RunningProcess, onProgress: OnProgress): Promise<void> {
    const { pid } = running;
    onProgress(`stopping process ${pid}; waiting for calls in flight`);
    if (!(await stopProcess(running, STOP_TIMEOUT_MS))) {
      throw new LocalError(
        'STOP_FAILED',
        `process ${pid} of ${this.folder.title} did not stop; kill it manually`,
      );
    }
    onProgress(`process ${pid} stopped`);
  }

  /**
   * Stops the process if it is running, and orphaned processes.
   * @throws LocalError STOP_FAILED if a process does not end
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
    // A killed process can keep its port for a moment after it has disappeared.
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

function isServing(state: ServerState, contentHash: string): ServerState | undefined {
  return state.ready && state.contentHash === contentHash ? state : undefined;
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
  // The log does not exist yet.
}

/** Resolves symbolic links, if the folder exists. */
function realPath(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}
