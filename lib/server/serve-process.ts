import { rm } from 'node:fs/promises';

import { writePrivateFile } from '../files/private-file';
import { JsonLog, type Log } from './log';
import { ScoringServer } from './scoring-server';
import { ServerStoppedError } from './scoring-server-error';
import type { ScoringServerOptions } from './scoring-server-options';
import { readKeyFile, readSecret, readText } from './secret-files';
import type { ServeConfiguration } from '../contract/serve-configuration';
import { ServeConfigurationError, type ServerState } from './serve-configuration';
import { messageOf } from '../errors/message-of';

export interface ServeProcessOptions {
  /** Reads what to serve; called again on SIGHUP. */
  readonly configuration: () => Promise<ServeConfiguration>;
  /** Tells this process from any other that may get its process id. */
  readonly instance: string;
  /**
   * Where the process says how it fares.
   * @default - nowhere
   */
  readonly stateFile?: string | undefined;
  readonly log?: Log | undefined;
}

/**
 * Serves until SIGTERM or SIGINT, which drain (a second one ends the process at once); SIGHUP reads the
 * configuration again. What cannot be used is logged and the former configuration stays in force.
 * @returns when the server has stopped
 */
export async function runServeProcess(options: ServeProcessOptions): Promise<void> {
  // Before anything else: a signal that comes while the model is loading is meant, too.
  const stop = stopSignal();
  let startUp: (server: ScoringServer) => void = ignore;
  const started = new Promise<ScoringServer>((resolve) => {
    startUp = resolve;
  });
  // One after the other: a second SIGHUP may come while the first one's model is loading.
  let reloading: Promise<unknown> = started;
  let reload: (server: ScoringServer) => Promise<void> = () => Promise.resolve();
  process.on('SIGHUP', () => {
    reloading = reloading.then(async () => reload(await started));
  });

  const { log = new JsonLog(), stateFile } = options;
  const startedAt = new Date().toISOString();
  let configuration = await options.configuration();
  let reloads = 0;
  const writeState = async (state: Pick<ServerState, 'ready' | 'port' | 'failure'>) => {
    if (stateFile !== undefined && !stop.aborted) {
      const { revision } = configuration;
      const common = { instance: options.instance, pid: process.pid, revision, startedAt, reloads };
      await writePrivateFile(stateFile, `${JSON.stringify({ ...common, ...state } satisfies ServerState)}\n`);
    }
  };
  reload = async (server) => {
    reloads += 1;
    let failure: string | undefined;
    try {
      const next = await options.configuration();
      requireSameAddress(configuration, next);
      await server.reload(await serverOptions(next));
      configuration = next;
    } catch (error) {
      if (error instanceof ServerStoppedError) {
        return;
      }
      failure = messageOf(error);
      log.error({ reason: failure }, 'the new configuration is not used; the former one stays in force');
    }
    try {
      await writeState({ ready: true, port: server.port, ...(failure !== undefined && { failure }) });
    } catch (error) {
      // A full disk, or a folder that was removed, must not end a server that serves.
      log.error(
        { reason: messageOf(error) },
        'the state file cannot be written; see that its folder is there',
      );
    }
  };

  try {
    await writeState({ ready: false, port: configuration.port });
    const server = await ScoringServer.start({ ...(await serverOptions(configuration)), log }, stop);
    await writeState({ ready: true, port: server.port });
    startUp(server);
    await aborted(stop);
    await server.stop();
  } catch (error) {
    if (!(error instanceof ServerStoppedError)) {
      throw error;
    }
  } finally {
    if (stateFile !== undefined) {
      await rm(stateFile, { force: true });
    }
  }
}

function requireSameAddress(former: ServeConfiguration, next: ServeConfiguration): void {
  if (next.host !== former.host || next.port !== former.port) {
    throw new ServeConfigurationError(
      `the address is now ${next.host}:${next.port} and was ${former.host}:${former.port}; ` +
        'a running server keeps its address: stop it and start it again',
    );
  }
}

async function serverOptions(configuration: ServeConfiguration): Promise<ScoringServerOptions> {
  const { model, host, port, tls, keyFile, workers, maxInFlight, accelerator, healthPort, reflection } =
    configuration;
  const { failedAttempts, maxRunMs } = configuration;
  return {
    model,
    failedAttempts,
    host,
    port,
    healthPort,
    maxInFlight,
    accelerator,
    reflection,
    limits: { workers, maxRunMs },
    ...(tls && {
      tls: {
        certificate: await readText('certificate', tls.certificateFile),
        privateKey: await readSecret('private key', tls.privateKeyFile),
      },
    }),
    ...(keyFile !== undefined && { keys: await readKeyFile(keyFile) }),
  };
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) {
      process.exit(1);
    }
    stop.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

function ignore(): void {
  // Replaced at once.
}
