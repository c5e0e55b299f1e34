import { rm } from 'node:fs/promises';

import { messageOf } from '../errors/brainwave-error';
import { writeServerState, type ServerState } from '../process/server-state';
import { JsonLog, type Log } from './log';
import { ServeConfigurationError, ServerStoppedError } from './serving-errors';

/** Configuration that all kinds of servers have in common. */
export interface ServingConfiguration {
  readonly contentHash: string;
  readonly host: string;
  readonly port: number;
}

/** A running server. */
export interface RunningServer<C> {
  readonly port: number;
  /** Port of health checks and metrics; undefined without one. */
  readonly healthPort?: number | undefined;
  /**
   * Replaces the configuration. If the call rejects, nothing has changed.
   * @throws ServerStoppedError if the server is stopped meanwhile
   */
  reload(next: C): Promise<void>;
  /** Counts a reload whose configuration could not be read. */
  countFailedReload?(): void;
  /** Resolves with the reason when the server can no longer serve. Without it, the server never ends on its own. */
  readonly failed?: Promise<Error> | undefined;
  /** Rejects new calls, waits for calls in flight and stops. */
  stop(): Promise<void>;
}

/** Options of the serving loop. */
export interface ServingLoopOptions<C extends ServingConfiguration> {
  /** Reads the configuration. Called again on SIGHUP. */
  readonly configuration: () => Promise<C>;
  /**
   * Starts the server and resolves when it is ready for calls.
   * @param signal aborted when the process must stop; the start then rejects with `ServerStoppedError`
   */
  readonly start: (configuration: C, log: Log, signal: AbortSignal) => Promise<RunningServer<C>>;
  /** Distinguishes this process from any other that gets its process id. */
  readonly instance: string;
  /**
   * File to which the process writes its state.
   * @default - the state is not written
   */
  readonly stateFile?: string | undefined;
  /** @default - JSON lines on standard output */
  readonly log?: Log | undefined;
}

/**
 * Serves until SIGTERM or SIGINT, which drains the server (a second signal ends the process immediately). On SIGHUP, the
 * configuration is read again; if it is invalid, the error is logged and the current configuration stays in effect.
 * Resolves when the server has stopped.
 */
export async function runServingLoop<C extends ServingConfiguration>(
  options: ServingLoopOptions<C>,
): Promise<void> {
  // Before anything else: signals may arrive while the model is loading.
  const stop = stopOnSignal();
  const reloads = new ReloadQueue<C>(stop.signal);

  const { start, log = new JsonLog(), stateFile } = options;
  const report = new StateReport(options, await options.configuration());
  let server: RunningServer<C> | undefined;
  try {
    await report.write({ ready: false, port: report.configuration.port });
    server = await start(report.configuration, log, stop.signal);
    await report.write({ ready: true, port: server.port, healthPort: server.healthPort });
    reloads.begin(server, (running) => reload(running, options, report, log));
    const failure = await Promise.race([aborted(stop.signal), server.failed ?? never]);
    if (failure && !stop.signal.aborted) {
      throw failure;
    }
  } catch (error) {
    if (!(error instanceof ServerStoppedError)) {
      throw error;
    }
  } finally {
    // A reload in progress would start a server that is no longer needed.
    stop.abort();
    try {
      await Promise.all([server?.stop(), reloads.end()]);
    } finally {
      if (stateFile !== undefined) {
        await rm(stateFile, { force: true });
      }
    }
  }
}

async function reload<C extends ServingConfiguration>(
  server: RunningServer<C>,
  options: ServingLoopOptions<C>,
  report: StateReport<C>,
  log: Log,
): Promise<void> {
  report.reloads += 1;
  let failure: string | undefined;
  try {
    const next = await nextConfiguration(server, options, report);
    await server.reload(next);
    report.configuration = next;
  } catch (error) {
    if (error instanceof ServerStoppedError) {
      return;
    }
    failure = messageOf(error);
    log.error(
      { reason: failure },
      'the new configuration is invalid; the previous configuration stays in effect',
    );
  }
  try {
    await report.write({ ready: true, port: server.port, healthPort: server.healthPort, failure });
  } catch (error) {
    // A full disk or a deleted folder must not end a running server.
    const reason = messageOf(error);
    log.error({ reason }, 'the state file cannot be written; check that its folder exists');
  }
}

async function nextConfiguration<C extends ServingConfiguration>(
  server: RunningServer<C>,
  options: ServingLoopOptions<C>,
  report: StateReport<C>,
): Promise<C> {
  try {
    const next = await options.configuration();
    requireSameAddress(report.configuration, next);
    return next;
  } catch (error) {
    server.countFailedReload?.();
    throw error;
  }
}

function requireSameAddress(former: ServingConfiguration, next: ServingConfiguration): void {
  if (next.host !== former.host || next.port !== former.port) {
    throw new ServeConfigurationError(
      `the address changed from ${former.host}:${former.port} to ${next.host}:${next.port}, ` +
        'which a running server cannot apply; restart the server',
    );
  }
}

/** Writes the state of the process to its file. */
class StateReport<C extends ServingConfiguration> {
  reloads = 0;
  private readonly startedAt = new Date().toISOString();

  constructor(
    private readonly options: Pick<ServingLoopOptions<C>, 'instance' | 'stateFile'>,
    /** The configuration that is in effect. */
    public configuration: C,
  ) {}

  async write(state: Pick<ServerState, 'ready' | 'port' | 'healthPort' | 'failure'>): Promise<void> {
    const { stateFile, instance } = this.options;
    if (stateFile !== undefined) {
      const { reloads, startedAt, configuration } = this;
      const { contentHash } = configuration;
      await writeServerState(stateFile, {
        ...{ instance, pid: process.pid, contentHash, startedAt, reloads },
        ...state,
      });
    }
  }
}

/** Reloads on SIGHUP, one at a time: a second signal may arrive while the model of the first is loading. */
class ReloadQueue<C> {
  private work: Promise<void>;
  private open: (reload: (() => Promise<void>) | undefined) => void = noReload;

  constructor(stop: AbortSignal) {
    const started = new Promise<(() => Promise<void>) | undefined>((resolve) => {
      this.open = resolve;
    });
    this.work = Promise.resolve();
    process.on('SIGHUP', () => {
      this.work = this.work.then(async () => {
        const reload = await started;
        if (!stop.aborted) {
          await reload?.();
        }
      });
    });
  }

  /** Runs pending and future reloads. */
  begin(server: RunningServer<C>, reload: (server: RunningServer<C>) => Promise<void>): void {
    this.open(() => reload(server));
  }

  /** Resolves when no reload is running. */
  async end(): Promise<void> {
    this.open(undefined);
    await this.work;
  }
}

function stopOnSignal(): AbortController {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) {
      process.exit(1);
    }
    stop.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(undefined);
    }
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
}

const never = new Promise<never>(() => {
  // A server without `failed` ends only when it is stopped.
});

function noReload(): void {
  // Replaced by the constructor.
}
