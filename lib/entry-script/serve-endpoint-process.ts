import { rm } from 'node:fs/promises';

import { writePrivateFile } from '../files/private-file';
import { JsonLog } from '../server/log';
import type { ServerState } from '../server/serve-configuration';
import { readEndpointConfiguration } from './endpoint-configuration';
import type { InferenceServer } from './inference-server';
import { ServedEndpoint } from './served-endpoint';
import { messageOf } from '../errors/message-of';

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
  let startUp: (endpoint: ServedEndpoint | undefined) => void = ignore;
  const started = new Promise<ServedEndpoint | undefined>((resolve) => {
    startUp = resolve;
  });
  let reload: (endpoint: ServedEndpoint) => Promise<void> = () => Promise.resolve();
  // One after the other: a second SIGHUP may come while the first one's `init` still runs.
  let reloading: Promise<void> = Promise.resolve();
  process.on('SIGHUP', () => {
    reloading = reloading.then(async () => {
      const endpoint = await started;
      if (endpoint && !stop.signal.aborted) {
        await reload(endpoint);
      }
    });
  });

  const startedAt = new Date().toISOString();
  const configuration = await readEndpointConfiguration(configFile);
  let { revision } = configuration;
  let reloads = 0;
  const writeState = async (state: Pick<ServerState, 'ready' | 'port' | 'failure'>) => {
    const common = { instance, pid: process.pid, startedAt, revision, reloads };
    await writePrivateFile(stateFile, `${JSON.stringify({ ...common, ...state } satisfies ServerState)}\n`);
  };
  reload = async (endpoint) => {
    reloads += 1;
    let failure: string | undefined;
    let former: InferenceServer | undefined;
    try {
      const next = await readEndpointConfiguration(configFile);
      former = await endpoint.change(next);
      ({ revision } = next);
    } catch (error) {
      failure = messageOf(error);
      log.error({ reason: failure }, 'the new configuration is not used; the former one stays in force');
    }
    try {
      await writeState({ ready: true, port: endpoint.port, ...(failure !== undefined && { failure }) });
    } catch (error) {
      // A full disk, or a folder that was removed, must not end a server that serves.
      const reason = messageOf(error);
      log.error({ reason }, 'the state file cannot be written; see that its folder is there');
    }
    await former?.stop();
  };

  const { host, port } = configuration;
  let endpoint: ServedEndpoint | undefined;
  try {
    await writeState({ ready: false, port });
    endpoint = await ServedEndpoint.start(configuration, log, stop.signal);
    await writeState({ ready: true, port: endpoint.port });
    log.info({ host, port: endpoint.port }, 'serving');
    startUp(endpoint);
    const lost = endpoint.ended().then(() => 'lost' as const);
    if ((await Promise.race([stopped, lost])) === 'lost') {
      throw new Error('the inference server has ended by itself; its last lines above say why');
    }
  } finally {
    // A change that is under way starts a server that nobody needs any more.
    stop.abort();
    startUp(undefined);
    await reloading;
    await rm(stateFile, { force: true });
    await endpoint?.stop();
  }
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

function ignore(): void {
  // Replaced at once.
}
