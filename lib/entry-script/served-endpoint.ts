import type { EndpointConfiguration } from '../contract/endpoint-configuration';
import { LOOPBACK } from '../contract/operations';
import { requireUsableAccess, type AccessSettings } from '../serving/access-control';
import type { Log } from '../serving/log';
import { readSecrets } from '../serving/secrets';
import { ServeConfigurationError, ServerStoppedError } from '../serving/serving-errors';
import type { RunningServer } from '../serving/serving-loop';
import { InferenceServer } from './inference-server';
import { OperationsPort } from './operations-port';
import { ScoringFront, type ScoringFrontSettings } from './scoring-front';

/** A served entry script: the inference server that runs it, and the front that checks keys. */
export class ServedEndpoint implements RunningServer<EndpointConfiguration> {
  readonly failed: Promise<Error>;
  private reloading: Promise<unknown> = Promise.resolve();
  /** The previous inference server, until its calls in flight have ended. */
  private leaving: Promise<void> = Promise.resolve();
  private operations: OperationsPort | undefined;
  private stopping = false;

  private constructor(
    private configuration: EndpointConfiguration,
    private server: InferenceServer,
    private readonly front: ScoringFront,
    private readonly signal: AbortSignal,
  ) {
    this.failed = this.ended().then(
      () => new Error('the inference server ended unexpectedly; see its last lines above'),
    );
  }

  /**
   * @param signal aborts a start or a reload in progress
   * @throws LocalError ENTRY_SCRIPT_FAILED, ListenError, ServeConfigurationError, ServerOptionsError; ServerStoppedError if
   * the signal is aborted
   */
  static async start(
    configuration: EndpointConfiguration,
    log: Log,
    signal: AbortSignal,
  ): Promise<ServedEndpoint> {
    // Checked before the inference server is started, which takes longer.
    const secrets = await readUsableSecrets(configuration);
    const server = await startServer(configuration, signal);
    try {
      const { host, port } = configuration;
      const front = await ScoringFront.listen(host, port, settingsOf(configuration, secrets, server), log);
      const endpoint = new ServedEndpoint(configuration, server, front, signal);
      try {
        await endpoint.changeOperationsPort(configuration);
      } catch (error) {
        await front.stop();
        throw error;
      }
      endpoint.showModel();
      return endpoint;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get port(): number {
    return this.front.port;
  }

  get healthPort(): number | undefined {
    return this.operations?.port;
  }

  /**
   * Starts a second inference server, which replaces the first one when the script's `init` has returned. If anything
   * fails, the first one continues.
   */
  async reload(next: EndpointConfiguration): Promise<void> {
    const done = this.reloading.then(() => this.change(next));
    this.reloading = done.then(
      () => {
        this.front.metrics.countReload('success');
      },
      (error: unknown) => {
        if (!(error instanceof ServerStoppedError)) {
          this.countFailedReload();
        }
      },
    );
    return done;
  }

  countFailedReload(): void {
    this.front.metrics.countReload('failure');
  }

  /** Rejects new requests, waits for requests in flight and ends the inference server. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.reloading;
    await this.front.stop();
    await Promise.all([this.server.stop(), this.leaving, this.operations?.close()]);
  }

  private async change(next: EndpointConfiguration): Promise<void> {
    if ((next.tls === undefined) !== (this.configuration.tls === undefined)) {
      throw new ServeConfigurationError(
        'TLS cannot be enabled or disabled while the server is running; restart the server',
      );
    }
    const secrets = await readUsableSecrets(next);
    // At most two models are in memory during a reload, never three.
    await this.leaving;
    const replacement = await startServer(next, this.signal);
    try {
      await this.changeOperationsPort(next);
      this.front.change(settingsOf(next, secrets, replacement));
    } catch (error) {
      await replacement.stop();
      throw error;
    }
    this.leaving = this.server.stop();
    this.server = replacement;
    this.configuration = next;
    this.showModel();
  }

  private async changeOperationsPort({
    healthHost: host = LOOPBACK,
    healthPort: port,
  }: EndpointConfiguration): Promise<void> {
    const { healthHost = LOOPBACK, healthPort } = this.configuration;
    if (this.operations && host === healthHost && port === healthPort) {
      return;
    }
    if (port === healthPort) {
      // At its former address, the port may still be in use for the new one.
      await this.operations?.close();
      this.operations = undefined;
    }
    const former = this.operations;
    this.operations =
      port === undefined
        ? undefined
        : await OperationsPort.listen(host, port, this.front.metrics, () =>
            this.stopping ? 'the server is stopping' : undefined,
          );
    await former?.close();
  }

  private showModel(): void {
    const { model, contentHash } = this.configuration;
    this.front.metrics.showModel({ ...model, revision: contentHash });
  }

  /** Resolves when the inference server has ended, unless another one has replaced it. */
  private async ended(): Promise<void> {
    for (let watched: InferenceServer | undefined; watched !== this.server;) {
      watched = this.server;
      await watched.ended;
    }
  }
}

async function readUsableSecrets(
  configuration: EndpointConfiguration,
): Promise<Pick<AccessSettings, 'tls' | 'keys'>> {
  const secrets = await readSecrets(configuration);
  requireUsableAccess(secrets);
  return secrets;
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
  secrets: Pick<AccessSettings, 'tls' | 'keys'>,
  { socketPath }: InferenceServer,
): ScoringFrontSettings {
  return { ...secrets, socketPath, maxRequestBytes };
}
