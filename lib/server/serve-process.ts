import { readFile, rm } from 'node:fs/promises';

import { z } from 'zod';

import { BrainwaveError } from '../errors/brainwave-error';
import { keyFileSchema } from '../local/service-keys';
import { writePrivateFile } from '../local/write-file';
import { JsonLog, type Log } from './log';
import { ScoringServer, type ScoringServerOptions } from './scoring-server';
import { serveConfigurationSchema, type ServeConfiguration, type ServerState } from './serve-configuration';

/** The configuration of a serving process cannot be used. */
export class ServeConfigurationError extends BrainwaveError {
  readonly code = 'SERVE_CONFIGURATION_INVALID';
}

export interface ServeProcessOptions {
  /** Reads what to serve; called again on SIGHUP. */
  readonly configuration: () => Promise<ServeConfiguration>;
  /** Tells this process from any other that may get its process id. */
  readonly instance: string;
  /**
   * Where the process says how it fares.
   * @default - nowhere
   */
  readonly stateFile?: string;
  readonly log?: Log;
}

/**
 * Serves until SIGTERM or SIGINT, which drain (a second one ends the process at once); SIGHUP reads the
 * configuration again. What cannot be used is logged and the former configuration stays in force.
 * @returns when the server has stopped
 */
export async function runServeProcess(options: ServeProcessOptions): Promise<void> {
  const { log = new JsonLog() } = options;
  const startedAt = new Date().toISOString();
  let configuration = await options.configuration();
  let reloads = 0;
  const writeState = async (state: Pick<ServerState, 'ready' | 'port' | 'failure'>) => {
    if (options.stateFile !== undefined) {
      const complete: ServerState = {
        instance: options.instance,
        pid: process.pid,
        revision: configuration.revision,
        startedAt,
        reloads,
        ...state,
      };
      await writePrivateFile(options.stateFile, `${JSON.stringify(complete)}\n`);
    }
  };
  await writeState({ ready: false, port: configuration.port });
  const server = await ScoringServer.start({ ...(await serverOptions(configuration)), log });
  await writeState({ ready: true, port: server.port });

  // One after the other: a second SIGHUP may come while the first one's model is loading.
  let reloading = Promise.resolve();
  const reload = async () => {
    reloads += 1;
    try {
      const next = await options.configuration();
      await server.reload(await serverOptions(next));
      configuration = next;
      await writeState({ ready: true, port: server.port });
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      log.error({ reason: failure }, 'the new configuration is not used; the former one stays in force');
      await writeState({ ready: true, port: server.port, failure });
    }
  };
  process.on('SIGHUP', () => {
    reloading = reloading.then(reload);
  });

  await stopSignal();
  process.on('SIGTERM', exitAtOnce);
  process.on('SIGINT', exitAtOnce);
  await server.stop();
  if (options.stateFile !== undefined) {
    await rm(options.stateFile, { force: true });
  }
}

/** Reads a configuration file. */
export async function readServeConfiguration(file: string): Promise<ServeConfiguration> {
  const parsed = serveConfigurationSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) {
    throw new ServeConfigurationError(`${file} is no configuration:\n${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

async function serverOptions(configuration: ServeConfiguration): Promise<ScoringServerOptions> {
  const { model, host, port, tls, keyFile, workers, maxInFlight, healthPort } = configuration;
  return {
    model,
    host,
    port,
    healthPort,
    maxInFlight,
    limits: { workers },
    ...(tls && {
      tls: {
        certificate: await readText('certificate', tls.certificateFile),
        privateKey: await readText('private key', tls.privateKeyFile),
      },
    }),
    ...(keyFile !== undefined && { keys: await readKeyFile(keyFile) }),
  };
}

async function readKeyFile(file: string): Promise<z.infer<typeof keyFileSchema>> {
  const text = await readText('key file', file);
  try {
    return keyFileSchema.parse(JSON.parse(text));
  } catch {
    // The parser's message would quote the file, and with it the keys.
    throw new ServeConfigurationError(
      `the key file ${file} does not hold keys; expected JSON: {"primaryKey": "…", "secondaryKey": "…"}`,
    );
  }
}

async function readText(what: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ServeConfigurationError(
      `cannot read the ${what} ${file} (${String((error as NodeJS.ErrnoException).code)})`,
    );
  }
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      resolve();
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });
}

function exitAtOnce(): void {
  process.exit(1);
}
