import type { Log } from '../server/log';
import { readKeyFile, readText } from '../server/secret-files';
import type { EndpointConfiguration } from '../contract/endpoint-configuration';
import { InferenceServer } from './inference-server';
import { ScoringFront, type ScoringFrontSettings } from './scoring-front';

type Secrets = Pick<ScoringFrontSettings, 'tls' | 'keys'>;

/** An entry script that is served: the inference server that runs it, and the front that checks keys before it. */
export class ServedEndpoint {
  private constructor(
    private server: InferenceServer,
    private readonly front: ScoringFront,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * @param signal ends a start or a change that is under way
   * @throws LocalError ENTRY_SCRIPT_FAILED, ListenError, ServeConfigurationError
   */
  static async start(
    configuration: EndpointConfiguration,
    log: Log,
    signal: AbortSignal,
  ): Promise<ServedEndpoint> {
    // Before a server is started, which would be in vain.
    const secrets = await readSecrets(configuration);
    const server = await startServer(configuration, signal);
    try {
      const { host, port } = configuration;
      const front = await ScoringFront.listen(host, port, settingsOf(configuration, secrets, server), log);
      return new ServedEndpoint(server, front, signal);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get port(): number {
    return this.front.port;
  }

  /**
   * Starts a second inference server, which takes the place of the first when the script's `init` has returned. When
   * anything fails, the first goes on.
   * @returns the first one, which may still have calls in flight
   */
  async change(next: EndpointConfiguration): Promise<InferenceServer> {
    const secrets = await readSecrets(next);
    const replacement = await startServer(next, this.signal);
    try {
      this.front.change(settingsOf(next, secrets, replacement));
    } catch (error) {
      await replacement.stop();
      throw error;
    }
    const former = this.server;
    this.server = replacement;
    return former;
  }

  /** Settles when the inference server has ended; the end of one that was replaced does not count. */
  async ended(): Promise<void> {
    for (let watched: InferenceServer | undefined; watched !== this.server;) {
      watched = this.server;
      await watched.ended;
    }
  }

  /** Takes no more requests, lets those in flight end, and ends the inference server. */
  async stop(): Promise<void> {
    await this.front.stop();
    await this.server.stop();
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
  secrets: Secrets,
  { socketPath }: InferenceServer,
): ScoringFrontSettings {
  return { ...secrets, socketPath, maxRequestBytes };
}

async function readSecrets({ tls, keyFile }: EndpointConfiguration): Promise<Secrets> {
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
