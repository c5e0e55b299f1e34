import { setTimeout as delay } from 'node:timers/promises';

import {
  Metadata,
  status as GrpcStatus,
  type Client,
  type ClientUnaryCall,
  type ServiceError,
} from '@grpc/grpc-js';
import { connectionError, mayPass } from '../connection/connection-error';
import { ConnectionWatch } from './connection-watch';
import { diagnoseConnection, type ConnectionDiagnosis } from '../connection/connection-diagnosis';
import { LinkedAbort, untilAborted } from '../concurrency/abort';
import { positive, type ClientSettings } from './prediction-client-options';
import {
  CancelledError,
  InvalidInputError,
  OverloadedError,
  UnavailableError,
  UnexpectedResponseError,
  type PredictionError,
} from '../errors/prediction-errors';
import type { KnownKeys } from '../validation/known-keys';
import { backoffMs } from './retry';
import { ServiceChannel, isConnected } from './service-channel';
import { statusError } from './status-error';

/** Options of every call. */
export interface CallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Deadline of the call in milliseconds, including its retries.
   * @default - the client's `deadlineMs`
   */
  readonly deadlineMs?: number | undefined;
}

export const CALL_OPTIONS: KnownKeys<CallOptions> = { signal: true, deadlineMs: true };

/** Options of a call, including its retry policy. */
export interface InternalCallOptions extends CallOptions {
  /** Metadata to send in addition to the key. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @default - the client's policy */
  readonly maxAttempts?: number | undefined;
}

/** A method from `serviceMethods` and its codecs. */
export interface UnaryMethod<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (message: Buffer) => Response;
}

/** Maximum duration of a diagnosis after a call has failed. */
const DIAGNOSIS_MS = 5_000;

/**
 * Makes calls with a deadline, the key, cancellation, retries while the server is unavailable, and a diagnosis on failure. All
 * methods that it is used for are idempotent.
 */
export class ServiceCaller {
  private readonly channel: ServiceChannel;
  private readonly underWay = new Set<LinkedAbort>();
  private closed = false;
  private diagnosis: Promise<ConnectionDiagnosis> | undefined;

  constructor(private readonly settings: ClientSettings) {
    this.channel = new ServiceChannel(settings);
  }

  /** @throws PredictionError */
  async call<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    options: InternalCallOptions = {},
  ): Promise<Response> {
    return (await this.callWithMetadata(method, request, options)).response;
  }

  /**
   * Makes a call and also returns the initial metadata of its answer.
   * @throws PredictionError
   */
  async callWithMetadata<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    options: InternalCallOptions = {},
  ): Promise<Answer<Response>> {
    const deadlineMs = positive('deadlineMs', options.deadlineMs ?? this.settings.deadlineMs);
    const deadline = Date.now() + deadlineMs;
    const maxAttempts = options.maxAttempts ?? this.settings.retry.maxAttempts;
    const abort = new LinkedAbort(options.signal);
    this.underWay.add(abort);
    try {
      this.refuseWhenCancelled(abort.signal);
      const message = this.serialize(method, request);
      const { headers } = options;
      const bounds = { deadline, deadlineMs, maxAttempts, headers, signal: abort.signal };
      return await this.callUntilAnswered(method, message, bounds);
    } finally {
      abort.end();
      this.underWay.delete(abort);
    }
  }

  private async callUntilAnswered<Response>(
    method: UnaryMethod<never, Response>,
    message: Buffer,
    bounds: CallBounds,
  ): Promise<Answer<Response>> {
    const { deadline, maxAttempts, signal } = bounds;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(method, message, bounds);
      if ('response' in outcome) {
        return outcome;
      }
      this.refuseWhenCancelled(signal);
      const wait = backoffMs(this.settings.retry, attempt);
      if (!outcome.retryable || attempt >= maxAttempts || Date.now() + wait >= deadline) {
        throw outcome.error;
      }
      await delay(wait, undefined, { signal }).catch(() => undefined);
      this.refuseWhenCancelled(signal);
    }
  }

  /** Cancels all calls in flight and closes the connection. */
  close(): void {
    this.closed = true;
    this.underWay.forEach((call) => {
      call.abort();
    });
    this.channel.close();
  }

  private serialize<Request>(method: UnaryMethod<Request, unknown>, request: Request): Buffer {
    const message = method.requestSerialize(request);
    const { maxMessageBytes } = this.settings;
    if (message.length > maxMessageBytes) {
      throw new InvalidInputError(
        `got a request of ${message.length.toLocaleString('en')} bytes, expected at most ` +
          maxMessageBytes.toLocaleString('en'),
        {
          remedy:
            'send smaller images or arrays, fewer at once, or raise maxMessageBytes here and on the server',
        },
      );
    }
    return message;
  }

  private async attempt<Response>(
    method: UnaryMethod<never, Response>,
    message: Buffer,
    { deadline, deadlineMs, headers, signal }: CallBounds,
  ): Promise<Outcome<Response>> {
    const client = this.channel.get();
    const call = startCall(client, method, message, this.metadata(headers), deadline);
    const cancel = () => {
      call.handle.cancel();
    };
    signal.addEventListener('abort', cancel);
    const watch = new ConnectionWatch(
      client,
      this.connectTimeout(deadline),
      (ms) => this.diagnose(ms),
      cancel,
    );
    try {
      return await call.answer;
    } catch (error) {
      const failure = error as ServiceError;
      if (signal.aborted) {
        return { error: new CancelledError('the call was canceled'), retryable: false };
      }
      if (!isConnectionFailure(failure, watch, client)) {
        const reason = statusError(failure, this.settings, deadlineMs);
        return { error: reason, retryable: isRetryable(failure, reason) };
      }
      const found =
        watch.finding ??
        (await untilAborted(
          this.diagnose(Math.min(DIAGNOSIS_MS, Math.max(deadline - Date.now(), 500))),
          signal,
        ).catch((error: unknown) => {
          this.refuseWhenCancelled(signal);
          throw error;
        }));
      this.channel.replace(client);
      return {
        error: connectionError(found, this.settings, failure.details),
        retryable: watch.finding === undefined && mayPass(found),
      };
    } finally {
      watch.end();
      signal.removeEventListener('abort', cancel);
    }
  }

  private connectTimeout(deadline: number): number {
    return Math.min(this.settings.connectTimeoutMs, 0.9 * (deadline - Date.now()));
  }

  // All calls on a connection fail together, so they share one diagnosis.
  private diagnose(timeoutMs: number): Promise<ConnectionDiagnosis> {
    this.diagnosis ??= diagnoseConnection(this.settings, timeoutMs).finally(() => {
      this.diagnosis = undefined;
    });
    return this.diagnosis;
  }

  private metadata(headers: Readonly<Record<string, string>> = {}): Metadata {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) {
      metadata.set(name, value);
    }
    if (this.settings.key !== undefined) {
      metadata.set('authorization', this.settings.key);
    }
    return metadata;
  }

  private refuseWhenCancelled(signal: AbortSignal): void {
    const grpcStatus = GrpcStatus.CANCELLED;
    if (this.closed) {
      throw new CancelledError('the client is closed', {
        remedy: 'create a new client',
        grpcStatus,
      });
    }
    if (signal.aborted) {
      throw new CancelledError('the call was canceled by its AbortSignal', {
        grpcStatus,
        cause: signal.reason,
      });
    }
  }
}

interface CallBounds {
  readonly deadline: number;
  readonly deadlineMs: number;
  readonly maxAttempts: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
}

/** Response of a call and its initial metadata. */
interface Answer<Response> {
  readonly response: Response;
  readonly metadata: Metadata;
}

type Outcome<Response> = Answer<Response> | { readonly error: PredictionError; readonly retryable: boolean };

function startCall<Response>(
  client: Client,
  method: UnaryMethod<never, Response>,
  message: Buffer,
  metadata: Metadata,
  deadline: number,
): { handle: ClientUnaryCall; answer: Promise<Answer<Response>> } {
  const { promise, resolve, reject } = withResolvers<Answer<Response>>();
  let received = new Metadata();
  const handle = client.makeUnaryRequest(
    method.path,
    (bytes: Buffer) => bytes,
    method.responseDeserialize,
    message,
    metadata,
    { deadline: new Date(deadline) },
    (error, response) => {
      if (error) {
        reject(error);
      } else {
        resolve({ response: response as Response, metadata: received });
      }
    },
  );
  handle.on('metadata', (initial) => {
    received = initial;
  });
  return { handle, answer: promise };
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** Returns whether the call failed because of the connection rather than a response of the server. */
function isConnectionFailure(failure: ServiceError, watch: ConnectionWatch, client: Client): boolean {
  if (watch.finding) {
    return true;
  }
  if (failure.code === GrpcStatus.DEADLINE_EXCEEDED) {
    return !isConnected(client) && /Waiting for LB pick|waiting for name resolution/.test(failure.details);
  }
  // A stream that was reset, as by a server that is killed; what a server cancels on purpose says so in a status.
  if (failure.code === GrpcStatus.CANCELLED) {
    return failure.details === 'Call cancelled';
  }
  // What grpc-js says of connections; it has no codes for it.
  return (
    failure.code === GrpcStatus.UNAVAILABLE &&
    /^(No connection established|Name resolution failed|Channel closed before call|Connection dropped|Write failed with error|(read|write) E[A-Z]+)/.test(
      failure.details,
    )
  );
}

function isRetryable(failure: ServiceError, reason: PredictionError): boolean {
  return (
    failure.code === GrpcStatus.UNAVAILABLE &&
    (reason instanceof UnavailableError || reason instanceof OverloadedError)
  );
}

/** Returns whether the server responded, but does not implement the method. */
export function isMissingMethod(error: unknown): boolean {
  return error instanceof UnexpectedResponseError && error.grpcStatus === GrpcStatus.UNIMPLEMENTED;
}
