import { status } from '@grpc/grpc-js';
import type { ServiceDefinition } from '@grpc/proto-loader';

import { loadProtos } from '../proto/load';
import { readServiceDefinition } from '../service-definition/zip-reader';
import { ApiKeyCheck, type ApiKeyPair } from './api-keys';
import { GrpcTransport, type CallContext, type CallOutcome, type TlsContext } from './grpc-transport';
import { HealthHandlers } from './health-service';
import { InFlightLimit } from './in-flight-limit';
import { ListenError } from './listen-error';
import { JsonLog, type Log } from './log';
import { ModelServiceHandlers, type ModelState } from './model-service';
import { Pipeline, type PipelineLimits } from './pipeline';
import { PredictionServiceHandlers } from './prediction-service';
import { ServedModel } from './served-model';
import { StatusError } from './status-error';

/** What is served. */
export interface ModelSource {
  /** The name that calls may ask for. */
  readonly name: string;
  /** @default '1' */
  readonly version?: string;
  /** Path of the service definition's zip. */
  readonly path: string;
}

export interface ScoringServerOptions {
  readonly model: ModelSource;
  /**
   * The address to listen on.
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * 0 takes a free one.
   * @default 50051
   */
  readonly port?: number;
  /** @default - plaintext, on which keys are not checked */
  readonly tls?: TlsContext;
  /** @default - anybody who reaches the address can call */
  readonly keys?: ApiKeyPair;
  /**
   * Predict calls worked on at once; what comes on top gets RESOURCE_EXHAUSTED.
   * @default 32
   */
  readonly maxInFlight?: number;
  /**
   * Bytes of one request.
   * @default 32 MiB
   */
  readonly maxMessageBytes?: number;
  /** Bounds of one request's images, and the threads that score them. */
  readonly limits?: PipelineLimits;
  /**
   * A plaintext port on the same address that answers health checks only, for probes that do not speak TLS.
   * @default - none
   */
  readonly healthPort?: number;
  /** @default - JSON lines on standard output */
  readonly log?: Log;
}

const DEFAULT_MAX_IN_FLIGHT = 32;
const DEFAULT_MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
const PREDICT = '/tensorflow.serving.PredictionService/Predict';
const HEALTH = '/grpc.health.v1.Health/';

/**
 * A scoring server: TensorFlow Serving's gRPC protocol over a service definition's pipeline.
 *
 * It listens before its model is loaded (calls get UNAVAILABLE until then), and `reload` changes its model,
 * keys and TLS while it serves.
 */
export class ScoringServer {
  private readonly log: Log;
  private readonly health = new HealthHandlers();
  private readonly limit: InFlightLimit;
  private transport: GrpcTransport;
  private healthTransport: GrpcTransport | undefined;
  private keyCheck: ApiKeyCheck | undefined;
  private served: ServedModel | undefined;
  private state: ModelState['state'] = 'LOADING';
  private listeningPort = 0;

  /**
   * Listens, loads the model and resolves when calls are answered.
   * @throws ListenError where the port is taken
   * @throws ServiceDefinitionError, StageNotSupportedError or ModelLoadError where the model cannot run here
   */
  static async start(options: ScoringServerOptions): Promise<ScoringServer> {
    const server = new ScoringServer(options);
    await server.listen();
    try {
      await server.loadModel(options);
    } catch (error) {
      server.transport.destroy();
      server.healthTransport?.destroy();
      throw error;
    }
    return server;
  }

  private constructor(private options: ScoringServerOptions) {
    this.log = options.log ?? new JsonLog();
    this.limit = new InFlightLimit(options.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT);
    this.transport = this.createTransport(options);
  }

  get host(): string {
    return this.options.host ?? '127.0.0.1';
  }

  /** The port it listens on. */
  get port(): number {
    return this.listeningPort;
  }

  /**
   * Changes the model, the keys and TLS to what is given; the address stays. Calls that are in flight end with
   * what they began with. When something in it cannot be used, nothing changes.
   */
  async reload(next: Omit<ScoringServerOptions, 'host' | 'port' | 'log'>): Promise<void> {
    const merged: ScoringServerOptions = { ...next, host: this.host, port: this.listeningPort };
    const replacement = Boolean(merged.tls) !== Boolean(this.options.tls) ? this.createTransport(merged) : undefined;
    // The certificate first: it is what can be refused without having changed anything.
    if (!replacement && merged.tls) {
      this.transport.replaceCertificate(merged.tls);
    }
    if (!sameModel(merged.model, this.options.model)) {
      await this.loadModel(merged);
    }
    const former = this.transport;
    this.options = merged;
    if (replacement) {
      const drained = former.drain();
      this.transport = replacement;
      await this.listen();
      void drained;
    } else {
      this.applyKeys(merged);
    }
    this.log.info({ model: merged.model.name, version: merged.model.version, tls: Boolean(merged.tls) }, 'reloaded');
  }

  /**
   * Stops taking calls, lets those in flight end and closes everything.
   * @param graceMs how long to wait for them; @default 30,000
   */
  async stop(graceMs = 30_000): Promise<void> {
    this.state = 'UNLOADING';
    this.health.close();
    this.log.info({}, 'draining');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => {
        resolve('late');
      }, graceMs);
    });
    const drained = Promise.all([this.transport.drain(), this.healthTransport?.drain()]);
    if ((await Promise.race([drained, late])) === 'late') {
      this.log.warn({ graceMs }, 'calls were still in flight when the time to drain was over');
      this.transport.destroy();
      this.healthTransport?.destroy();
    }
    clearTimeout(timer);
    this.served?.retire();
    this.log.info({}, 'stopped');
  }

  private async listen(): Promise<void> {
    const { port = 50_051, healthPort } = this.options;
    const listening = await this.listenOn(this.transport, port);
    this.listeningPort = listening;
    if (healthPort !== undefined && !this.healthTransport) {
      this.healthTransport = this.createHealthTransport();
      await this.listenOn(this.healthTransport, healthPort);
    }
    this.applyKeys(this.options);
    this.log.info({ address: this.host, port: listening, tls: Boolean(this.options.tls) }, 'listening');
    if (!this.options.tls) {
      this.log.warn({}, 'TLS is off: keys are not checked, and anybody who reaches this address can call');
    }
  }

  private async listenOn(transport: GrpcTransport, port: number): Promise<number> {
    try {
      return await transport.listen(this.host, port);
    } catch (error) {
      throw ListenError.from(error as NodeJS.ErrnoException, this.host, port);
    }
  }

  private applyKeys({ tls, keys }: ScoringServerOptions): void {
    this.keyCheck = tls && keys ? new ApiKeyCheck(keys) : undefined;
  }

  private async loadModel({ model, limits }: ScoringServerOptions): Promise<void> {
    const startedAt = performance.now();
    const content = await readServiceDefinition(model.path);
    const pipeline = await Pipeline.load(content, limits);
    const former = this.served;
    this.served = new ServedModel(model.name, model.version ?? '1', pipeline);
    this.state = 'AVAILABLE';
    this.health.setServing(true);
    former?.retire();
    this.log.info(
      { model: model.name, version: model.version, durationMs: Math.round(performance.now() - startedAt) },
      'model loaded',
    );
  }

  private createTransport(options: ScoringServerOptions): GrpcTransport {
    const transport = new GrpcTransport({
      maxMessageBytes: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
      tls: options.tls,
      admit: (call) => this.admit(call),
      onCallEnd: (call, outcome) => {
        this.logCall(call, outcome);
      },
    });
    const protos = loadProtos();
    const prediction = new PredictionServiceHandlers(() => this.requireModel());
    const model = new ModelServiceHandlers(() => this.modelState());
    transport.addService(protos['tensorflow.serving.PredictionService'] as ServiceDefinition, prediction);
    transport.addService(protos['tensorflow.serving.ModelService'] as ServiceDefinition, model);
    transport.addService(protos['grpc.health.v1.Health'] as ServiceDefinition, this.health);
    return transport;
  }

  private createHealthTransport(): GrpcTransport {
    const transport = new GrpcTransport({
      maxMessageBytes: 1024,
      admit: () => nothing,
      onCallEnd: nothing,
    });
    transport.addService(loadProtos()['grpc.health.v1.Health'] as ServiceDefinition, this.health);
    return transport;
  }

  private admit(call: CallContext): () => void {
    if (call.method.startsWith(HEALTH)) {
      return nothing;
    }
    this.keyCheck?.check(call.headers.authorization);
    return call.method === PREDICT ? this.limit.enter() : nothing;
  }

  private requireModel(): ServedModel {
    if (!this.served || this.state !== 'AVAILABLE') {
      const why = this.state === 'LOADING' ? 'the model is loading' : 'the server is stopping';
      throw new StatusError(status.UNAVAILABLE, `${why}; try again in a moment`);
    }
    return this.served;
  }

  private modelState(): ModelState {
    const { name, version = '1' } = this.options.model;
    return { name, version, state: this.state };
  }

  private logCall(call: CallContext, { status: code, message, durationMs, failure }: CallOutcome): void {
    const fields = {
      requestId: call.requestId,
      method: call.method,
      peer: call.peer,
      status: status[code],
      durationMs: Math.round(durationMs * 10) / 10,
      ...(message && { reason: message }),
    };
    if (failure) {
      this.log.error({ ...fields, cause: failure instanceof Error ? failure.stack : String(failure) }, 'call failed');
    } else if (call.method.startsWith(HEALTH)) {
      this.log.debug(fields, 'call');
    } else {
      this.log.info(fields, 'call');
    }
  }
}

function sameModel(left: ModelSource, right: ModelSource): boolean {
  return left.name === right.name && left.version === right.version && left.path === right.path;
}

function nothing(): void {
  // Calls that take no place have none to give back.
}
