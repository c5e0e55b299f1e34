import { randomUUID } from 'node:crypto';

import { GrpcStatus as status } from '../errors/grpc-status';
import { serviceDefinition } from '../wire/proto/load';
import { REVISION_METADATA } from '../wire/served-revision';
import { AccessControl } from '../serving/access-control';
import { describeKeyProblem, type KeyProblem } from '../serving/key-check';
import { JsonLog, type Log } from '../serving/log';
import { certificateExpiry } from '../telemetry/certificate-expiry';
import { ServerMetrics } from '../telemetry/server-metrics';
import type { StageRun } from './pipeline/stage-run';
import { CallSpan } from './telemetry/call-span';
import { isOperation, operationsRouter } from './telemetry/operations';
import { ListenError, ServerStoppedError } from '../serving/serving-errors';
import { callerBehindProxy, cameWithoutTls } from '../serving/trusted-proxy';
import { ServerTransport, type CallContext, type CallOutcome } from './transport/server-transport';
import type { HttpRouter } from './transport/http-call';
import { HealthHandlers } from './health-service';
import { InFlightLimit } from './in-flight-limit';
import { ModelServiceHandlers, type ModelState } from './model-service';
import { PredictionServiceHandlers } from './prediction-service';
import { createRestRouter } from './rest';
import { reflectionDefinitions, ReflectionHandlers } from './reflection-service';
import {
  checkOptions,
  connectionAgeOf,
  DEFAULT_HOST,
  maxInFlightOf,
  maxMessageBytesOf,
  resourcesOf,
  type ScoringServerOptions,
} from './scoring-server-options';
import { ServedModel } from './served-model';
import { StatusError } from './status-error';

/** Methods whose requests carry images and occupy a slot. */
const SCORING: ReadonlySet<string> = new Set([
  '/tensorflow.serving.PredictionService/Predict',
  '/tensorflow.serving.PredictionService/Classify',
]);
/** Methods that clients of TensorFlow Serving know and this server lacks, with what to do instead. */
const UNIMPLEMENTED: ReadonlyMap<string, string> = new Map([
  [
    '/tensorflow.serving.PredictionService/Regress',
    'this service classifies images; call Predict or Classify',
  ],
  [
    '/tensorflow.serving.PredictionService/MultiInference',
    'this service runs one model; call Predict or Classify',
  ],
  [
    '/tensorflow.serving.ModelService/HandleReloadConfigRequest',
    'models are not changed over gRPC; apply a stack with another model, or replace the model file of ' +
      '`cdktf-brainwave serve` and send it SIGHUP',
  ],
]);
/** Methods that are counted by name. Health checks are not counted. */
const COUNTED = ['tensorflow.serving.PredictionService', 'tensorflow.serving.ModelService'];
const HEALTH = '/grpc.health.v1.Health/';
const REFLECTION = '/grpc.reflection.';
/** Maximum size of requests other than `Predict`. Health checks need no key, so they must stay cheap. */
const SMALL_MESSAGE_BYTES = 64 * 1024;
const LOADING = 'the model is loading; retry later';
const DEFAULT_GRACE_MS = 30_000;

/**
 * Scoring server that runs a service definition's pipeline and implements TensorFlow Serving's gRPC protocol.
 *
 * It listens before its model is loaded (until then, calls fail with UNAVAILABLE). `reload` changes its model, keys
 * and TLS settings without downtime.
 */
export class ScoringServer {
  private readonly log: Log;
  /** Identifies this server among the replicas of a service. */
  private readonly replica = randomUUID();
  private readonly health = new HealthHandlers();
  private readonly limit: InFlightLimit;
  private readonly access: AccessControl;
  private readonly metrics: ServerMetrics;
  private readonly spans = new WeakMap<CallContext, CallSpan>();
  private readonly operations: HttpRouter;
  private expiry: number | undefined;
  private readonly lifetime = new AbortController();
  /** Replaced transports that still have calls in flight. */
  private readonly leaving = new Set<ServerTransport>();
  private transport: ServerTransport;
  private healthTransport: ServerTransport | undefined;
  private served: ServedModel | undefined;
  private state: ModelState['state'] = 'LOADING';
  private listeningPort = 0;
  private listeningHealthPort: number | undefined;
  private reloading: Promise<unknown> = Promise.resolve();
  private stopping: Promise<void> | undefined;

  /**
   * Listens, loads the model and resolves when the server is ready for calls.
   * @param signal stops the server while it starts; the call then rejects with `ServerStoppedError`
   * @throws ServerOptionsError if the keys, the TLS files or a limit are invalid
   * @throws ListenError if the port is in use
   * @throws ServiceDefinitionError, StageNotSupportedError or ModelLoadError if the model cannot run here
   */
  static async start(options: ScoringServerOptions, signal?: AbortSignal): Promise<ScoringServer> {
    checkOptions(options);
    const server = new ScoringServer(options);
    const abort = () => {
      server.lifetime.abort(new ServerStoppedError());
    };
    signal?.addEventListener('abort', abort);
    try {
      if (signal?.aborted) {
        throw new ServerStoppedError();
      }
      await server.listen();
      server.serveModel(await server.loadModel(options));
      server.showModel();
      return server;
    } catch (error) {
      await Promise.all([server.transport.destroy(), server.healthTransport?.destroy()]);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  private constructor(private options: ScoringServerOptions) {
    this.log = options.log ?? new JsonLog();
    this.limit = new InFlightLimit(maxInFlightOf(options));
    this.metrics = this.createMetrics();
    this.operations = operationsRouter(
      {
        metrics: this.metrics,
        failure: () => this.served?.pipeline.failure,
        unreadiness: () => this.unreadiness,
      },
      `${HEALTH}Check`,
    );
    this.access = new AccessControl(options, 'bearer-or-bare', this.log, () => {
      this.metrics.countRefusedKey();
    });
    this.expiry = options.tls && certificateExpiry(options.tls.certificate);
    this.transport = this.createTransport(options);
  }

  /** Address on which the server listens. */
  get host(): string {
    return this.options.host ?? DEFAULT_HOST;
  }

  /** Port on which the server listens. */
  get port(): number {
    return this.listeningPort;
  }

  /** Port of the plaintext health checks; undefined if disabled. */
  get healthPort(): number | undefined {
    return this.listeningHealthPort;
  }

  /**
   * Replaces the model, keys, TLS settings and limits; the address stays. Calls in flight finish with the settings they
   * started with. If an option is invalid, nothing changes.
   * @throws the errors of `start`; ServerStoppedError if the server is stopped meanwhile
   */
  async reload(next: Omit<ScoringServerOptions, 'host' | 'port' | 'log'>): Promise<void> {
    // Reloads run one at a time, because each builds on the result of the previous one.
    const done = this.reloading.then(() =>
      this.change({ ...next, host: this.host, port: this.listeningPort }),
    );
    this.reloading = done.then(
      () => {
        this.metrics.countReload('success');
      },
      (error: unknown) => {
        if (!(error instanceof ServerStoppedError)) {
          this.metrics.countReload('failure');
        }
      },
    );
    return done;
  }

  /** Counts a reload that failed before its options were known, such as one whose configuration file is invalid. */
  countFailedReload(): void {
    this.metrics.countReload('failure');
  }

  /**
   * Rejects new calls, waits for calls in flight and closes everything. Further calls of `stop` wait for the same end.
   * @param graceMs milliseconds to wait for calls in flight; @default 30,000
   */
  stop(graceMs = DEFAULT_GRACE_MS): Promise<void> {
    this.stopping ??= this.shutDown(graceMs);
    return this.stopping;
  }

  private async change(next: ScoringServerOptions): Promise<void> {
    checkOptions(next);
    this.requireRunning();
    const sameModel = await this.served?.isCurrent(next.model, resourcesOf(next));
    const model = sameModel ? undefined : await this.loadModel(next);
    try {
      this.requireRunning();
      this.requireNoWorse(model);
      await this.changeHealthPort(next);
    } catch (error) {
      await model?.retire();
      throw error;
    }
    const switched = Boolean(next.tls) !== Boolean(this.options.tls);
    this.options = next;
    this.expiry = next.tls && certificateExpiry(next.tls.certificate);
    this.limit.change(maxInFlightOf(next));
    if (model) {
      this.serveModel(model);
    }
    this.showModel();
    if (switched) {
      await this.switchTransport(next);
    } else {
      if (next.tls) {
        this.transport.replaceCertificate(next.tls);
      }
      this.access.change(next);
    }
    this.log.info(
      { model: next.model.name, version: next.model.version, tls: next.tls !== undefined },
      'reloaded',
    );
  }

  private async shutDown(graceMs: number): Promise<void> {
    this.lifetime.abort(new ServerStoppedError());
    this.state = 'UNLOADING';
    this.health.close();
    this.log.info({}, 'draining');
    await this.reloading;
    const transports = [
      this.transport,
      ...this.leaving,
      ...(this.healthTransport ? [this.healthTransport] : []),
    ];
    const inTime = await Promise.all(transports.map((transport) => transport.drain(graceMs)));
    if (inTime.includes(false)) {
      this.log.warn({ graceMs }, 'calls were still in flight when the drain time ended');
    }
    await this.served?.retire();
    this.log.info({}, 'stopped');
  }

  /** A new model that the accelerator has not loaded yet must not replace a model that is ready. */
  private requireNoWorse(next: ServedModel | undefined): void {
    if (next?.pipeline.problem && this.served && !this.served.pipeline.problem) {
      throw next.pipeline.problem;
    }
  }

  private requireRunning(): void {
    if (this.stopping) {
      throw new ServerStoppedError();
    }
  }

  private async listen(): Promise<void> {
    this.listeningPort = await this.listenOn(this.transport, this.host, this.options.port ?? 50_051);
    await this.changeHealthPort(this.options);
    this.access.logListening(this.host, this.listeningPort);
  }

  /** A listener accepts either plaintext or TLS, so switching between them requires a new one. */
  private async switchTransport(next: ScoringServerOptions): Promise<void> {
    const former = this.transport;
    this.leave(former);
    this.transport = this.createTransport(next);
    this.access.change(next);
    this.listeningPort = await this.listenOn(this.transport, this.host, this.listeningPort);
    this.access.logListening(this.host, this.listeningPort);
  }

  private leave(transport: ServerTransport): void {
    this.leaving.add(transport);
    void transport.drain(DEFAULT_GRACE_MS).then(() => this.leaving.delete(transport));
  }

  private async changeHealthPort({
    healthPort: port,
    healthHost: host = this.host,
  }: ScoringServerOptions): Promise<void> {
    const { healthPort, healthHost = this.host } = this.options;
    if (port === healthPort && host === healthHost && this.healthTransport) {
      return;
    }
    if (this.healthTransport && port === healthPort) {
      // At its former address, the port may still be in use for the new one.
      this.leave(this.healthTransport);
      this.healthTransport = undefined;
    }
    const next = port === undefined ? undefined : this.createHealthTransport();
    const listening = next && port !== undefined ? await this.listenOn(next, host, port) : undefined;
    if (this.healthTransport) {
      this.leave(this.healthTransport);
    }
    this.healthTransport = next;
    this.listeningHealthPort = listening;
  }

  private async listenOn(transport: ServerTransport, host: string, port: number): Promise<number> {
    try {
      return await transport.listen(host, port);
    } catch (error) {
      throw ListenError.from(error as NodeJS.ErrnoException, host, port);
    }
  }

  private async loadModel(options: ScoringServerOptions): Promise<ServedModel> {
    const startedAt = performance.now();
    const loaded = await ServedModel.load(
      options.model,
      resourcesOf(options),
      this.lifetime.signal,
      ({ stage, durationMs: stageMs, rows }: StageRun) => {
        this.metrics.countStage(stage, stageMs, rows);
      },
    );
    const durationMs = Math.round(performance.now() - startedAt);
    this.log.info({ model: loaded.name, version: loaded.version, durationMs }, 'model loaded');
    return loaded;
  }

  private serveModel(model: ServedModel): void {
    const former = this.served;
    this.served = model;
    this.state = 'AVAILABLE';
    this.showReadiness(model);
    model.pipeline.onReadinessChange(() => {
      this.showReadiness(model);
    });
    former?.retire().catch((error: unknown) => {
      this.log.warn({ reason: String(error) }, 'the previous model failed to unload');
    });
  }

  private showModel(): void {
    if (this.served) {
      const { name, version } = this.served;
      this.metrics.showModel({ name, version, revision: this.options.revision });
    }
  }

  /** Updates the health status and logs whether the model is ready, which an accelerator can change at any time. */
  private showReadiness(model: ServedModel): void {
    if (this.stopping || this.served !== model) {
      return;
    }
    const { problem } = model.pipeline;
    this.health.setServing(!problem);
    if (problem) {
      const cause = problem.cause instanceof Error ? problem.cause.message : undefined;
      this.log.warn({ reason: problem.message, ...(cause && { cause }) }, 'not ready');
    } else {
      this.log.info({}, 'ready');
    }
  }

  private createTransport(options: ScoringServerOptions): ServerTransport {
    const model = () => this.requireModel();
    const prediction = new PredictionServiceHandlers(model, (call) => this.spans.get(call));
    const modelStatus = new ModelServiceHandlers(() => this.modelState());
    const rest = createRestRouter({ prediction, modelStatus, health: this.health, model });
    const transport = new ServerTransport({
      // Metrics need no key. Without a health port they are on a plaintext port, which everybody may call.
      http: (verb, path, headers) =>
        isOperation(path) && !this.isEncrypted && this.options.healthPort === undefined
          ? this.operations(verb, path, headers)
          : rest(verb, path, headers),
      maxMessageBytes: (method) =>
        Math.min(
          maxMessageBytesOf(this.options),
          SCORING.has(method) ? Number.POSITIVE_INFINITY : SMALL_MESSAGE_BYTES,
        ),
      unimplemented: UNIMPLEMENTED,
      metadata: () => this.revisionMetadata(),
      tls: options.tls,
      allowedOrigins: () => this.options.allowedOrigins ?? [],
      keepAlive: options.keepAlive,
      timeouts: options.timeouts,
      connectionAge: () => connectionAgeOf(this.options),
      admit: (call) => this.admit(call),
      onCallEnd: (call, outcome) => {
        this.endCall(call, outcome);
      },
    });
    transport.addService(serviceDefinition('tensorflow.serving.PredictionService'), prediction);
    transport.addService(serviceDefinition('tensorflow.serving.ModelService'), modelStatus);
    transport.addService(serviceDefinition('grpc.health.v1.Health'), this.health);
    for (const definition of reflectionDefinitions()) {
      transport.addService(definition, new ReflectionHandlers());
    }
    return transport;
  }

  private revisionMetadata(): Record<string, string> {
    const { revision } = this.options;
    return revision === undefined
      ? {}
      : { [REVISION_METADATA.revision]: revision, [REVISION_METADATA.replica]: this.replica };
  }

  private createMetrics(): ServerMetrics {
    const services = [...COUNTED.map(serviceDefinition), ...reflectionDefinitions()];
    const paths = services.flatMap((service) => Object.values(service).map((method) => method.path));
    return new ServerMetrics(new Set(paths), {
      callsInFlight: () => this.limit.current,
      callsInFlightLimit: () => this.limit.maximum,
      queueLength: () => this.served?.pipeline.queueLength ?? 0,
      certificateExpiry: () => this.expiry,
    });
  }

  private createHealthTransport(): ServerTransport {
    const transport = new ServerTransport({
      maxMessageBytes: () => SMALL_MESSAGE_BYTES,
      admit: () => nothing,
      onCallEnd: nothing,
      http: this.operations,
    });
    transport.addService(serviceDefinition('grpc.health.v1.Health'), this.health);
    return transport;
  }

  private admit(call: CallContext): (() => void) | Promise<never> {
    if (call.method.startsWith(HEALTH)) {
      return nothing;
    }
    const span = CallSpan.start(call);
    if (span) {
      this.spans.set(call, span);
    }
    if (call.method.startsWith(REFLECTION) && !this.options.reflection) {
      throw new StatusError(
        status.UNIMPLEMENTED,
        'server reflection is disabled; use the proto files instead',
      );
    }
    if (this.options.tlsTerminatedByProxy && cameWithoutTls(call.headers)) {
      throw new StatusError(
        status.UNAUTHENTICATED,
        'the call reached the proxy without TLS (x-forwarded-proto: http), so its key is no longer secret; call the https:// ' +
          'address, and rotate the key',
      );
    }
    const problem = this.access.check(call.headers.authorization);
    if (problem) {
      return this.refuse(call, problem);
    }
    if (this.stopping) {
      throw new StatusError(status.UNAVAILABLE, 'the server is stopping; retry later');
    }
    return SCORING.has(call.method) ? this.limit.enter() : nothing;
  }

  private async refuse(call: CallContext, problem: KeyProblem): Promise<never> {
    await this.access.throttle({
      peer: this.callerOf(call),
      signal: call.signal,
      hangUp: () => {
        // The proxy sends calls of other callers over the same connection.
        if (!this.options.tlsTerminatedByProxy) {
          call.hangUp();
        }
      },
      discardRequest: () => {
        call.discardRequest();
      },
    });
    const how = call.request === undefined ? '"authorization" metadata' : '"Authorization: Bearer <key>"';
    throw new StatusError(status.UNAUTHENTICATED, describeKeyProblem(problem, how));
  }

  private callerOf({ headers, peer }: CallContext): string {
    return this.options.tlsTerminatedByProxy ? callerBehindProxy(headers, peer) : peer;
  }

  /** Whether callers encrypt their calls, to the server or to a proxy in front of it. */
  private get isEncrypted(): boolean {
    return this.options.tls !== undefined || this.options.tlsTerminatedByProxy === true;
  }

  /** Reason why calls fail now; undefined while the health status is SERVING. */
  private get unreadiness(): string | undefined {
    if (this.stopping) {
      return 'the server is stopping; retry later';
    }
    return this.served ? this.served.pipeline.problem?.message : LOADING;
  }

  private requireModel(): ServedModel {
    if (!this.served) {
      throw new StatusError(status.UNAVAILABLE, LOADING);
    }
    return this.served;
  }

  private modelState(): ModelState {
    const { name, version = '1' } = this.served ?? this.options.model;
    const waits = this.state === 'AVAILABLE' && this.served?.pipeline.problem;
    return { name, version, state: waits ? 'LOADING' : this.state };
  }

  private endCall(call: CallContext, outcome: CallOutcome): void {
    const { status: code, message, durationMs, failure } = outcome;
    const span = this.spans.get(call);
    span?.end(outcome);
    if (!call.method.startsWith(HEALTH)) {
      this.metrics.countCall(call.method, status[code], durationMs);
    }
    const fields = {
      requestId: call.requestId,
      ...(span && { trace_id: span.traceId }),
      method: call.method,
      ...(call.request !== undefined && { request: call.request }),
      peer: this.callerOf(call),
      status: status[code],
      durationMs: Math.round(durationMs * 10) / 10,
      ...(message && { reason: message }),
    };
    if (failure) {
      const cause = failure instanceof Error ? failure.stack : JSON.stringify(failure);
      this.log.error({ ...fields, cause }, 'call failed');
    } else if (call.method.startsWith(HEALTH)) {
      this.log.debug(fields, 'call');
    } else {
      this.log.info(fields, 'call');
    }
  }
}

function nothing(): void {
  // For calls that are not limited, and results that are ignored.
}
