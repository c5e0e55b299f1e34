import { rm } from 'node:fs/promises';

import { writePrivateFile } from '../files/private-file';
import { JsonLog } from '../server/log';
import { readKeyFile, readText } from '../server/secret-files';
import type { ServerState } from '../server/serve-configuration';
import { readEndpointConfiguration, type EndpointConfiguration } from './endpoint-configuration';
import { InferenceServer } from './inference-server';
import { ScoringFront, type ScoringFrontSettings } from './scoring-front';

export interface ServeEndpointOptions {
  readonly configFile: string;
  /** Tells this process from any other that may get its process id. */
  readonly instance: string;
  /** Where the process says how it fares. */
  readonly stateFile: string;
}

/**
 * Serves an entry script until SIGTERM or SIGINT, which drain. SIGHUP reads the configuration again and starts a
 * second inference server: when its `init` has returned it takes the place of the first, and when it fails the first
 * goes on.
 */
export async function serveEndpoint({
  configFile,
  instance,
  stateFile,
}: ServeEndpointOptions): Promise<void> {
  const log = new JsonLog();
  const stop = new AbortController();
  const stopped = nextSignal().then(() => {
    stop.abort();
    return 'stopped' as const;
  });
  const startedAt = new Date().toISOString();
  let reloads = 0;
  const writeState = async (state: Pick<ServerState, 'revision' | 'ready' | 'port' | 'failure'>) => {
    const common = { instance, pid: process.pid, startedAt, reloads };
    await writePrivateFile(stateFile, `${JSON.stringify({ ...common, ...state } satisfies ServerState)}\n`);
  };

  let reload: () => Promise<void> = () => Promise.resolve();
  let working: Promise<void> = Promise.resolve();
  process.on('SIGHUP', () => {
    working = working.then(() => reload());
  });
  const first = await readEndpointConfiguration(configFile);
  const { host, port } = first;
  await writeState({ revision: first.revision, ready: false, port });
  let server: InferenceServer | undefined;
  let front: ScoringFront | undefined;
  try {
    const secrets = await readSecrets(first);
    server = await startServer(first, stop.signal);
    front = await ScoringFront.listen(host, port, settingsOf(first, secrets, server), log);
    let lost = endOf(server);
    let { revision } = first;
    const listening = front;
    reload = async () => {
      reloads += 1;
      try {
        const next = await readEndpointConfiguration(configFile);
        const nextSecrets = await readSecrets(next);
        const replacement = await startServer(next, stop.signal);
        listening.change(settingsOf(next, nextSecrets, replacement));
        const former = server;
        lost = endOf(replacement);
        server = replacement;
        ({ revision } = next);
        await writeState({ revision, ready: true, port: listening.port });
        await former?.stop();
      } catch (error) {
        const failure = error instanceof Error ? error.message : String(error);
        log.error({ reason: failure }, 'the new configuration is not used; the former one stays in force');
        await writeState({ revision, ready: true, port: listening.port, failure });
      }
    };
    await writeState({ revision, ready: true, port: listening.port });
    log.info({ host, port: listening.port }, 'serving');
    for (let watched: typeof lost | undefined; watched !== lost;) {
      watched = lost;
      // The end of a server that was replaced is no loss.
      if ((await Promise.race([stopped, watched])) === 'lost' && watched === lost) {
        throw new Error('the inference server has ended by itself; its last lines above say why');
      }
    }
    await working;
  } finally {
    await rm(stateFile, { force: true });
    await front?.stop();
    await server?.stop();
  }
}

function startServer(configuration: EndpointConfiguration, signal: AbortSignal): Promise<InferenceServer> {
  return InferenceServer.start({
    ...configuration,
    signal,
    write: (output) => process.stdout.write(output),
  });
}

function settingsOf(
  { maxRequestBytes }: EndpointConfiguration,
  secrets: Pick<ScoringFrontSettings, 'tls' | 'keys'>,
  { socketPath }: InferenceServer,
): ScoringFrontSettings {
  return { ...secrets, socketPath, maxRequestBytes };
}

/** Reads what the front needs beside the socket; before a server is started, which would be in vain. */
async function readSecrets({
  tls,
  keyFile,
}: EndpointConfiguration): Promise<Pick<ScoringFrontSettings, 'tls' | 'keys'>> {
  return {
    ...(tls && {
      tls: {
        certificate: await readText('certificate', tls.certificateFile),
        privateKey: await readText('private key', tls.privateKeyFile),
      },
    }),
    ...(keyFile !== undefined && { keys: await readKeyFile(keyFile) }),
  };
}

async function endOf(server: InferenceServer): Promise<'lost'> {
  await server.ended;
  return 'lost';
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.once(name, () => {
        resolve();
      });
    }
  });
}
