import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';

import { LinkedAbort, untilAborted } from '../concurrency/abort';
import { formatAddress } from '../connection/address';
import { diagnoseConnection, type ConnectionDiagnosis } from '../connection/connection-diagnosis';
import { connectionError, mayPass } from '../connection/connection-error';
import {
  CancelledError,
  InvalidInputError,
  OverloadedError,
  UnavailableError,
  UnexpectedResponseError,
  type PredictionError,
} from '../errors/prediction-errors';
import { grpcCall, restCall, startClientSpan, type TracedCall } from '../telemetry/client-span';
import { DEPLOYMENT_HEADER } from '../validation/deployment-name';
import type { KnownKeys } from '../validation/known-keys';
import { GrpcStatus } from '../errors/grpc-status';
import { sizeOf } from '../wire/proto/method-definition';
import { CallFailedError, type CallFailure } from './call-failure';
import { positive, type ClientSettings } from './prediction-client-options';
import { RestChannel, type RestRequest } from './rest-channel';
import { backoffMs } from './retry';
import { ServiceChannel } from './service-channel';
import { statusError } from './status-error';
import { formatTimeout, type UnaryAnswer } from './unary-call';

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
  /** @default 'POST' */
  readonly verb?: 'GET' | undefined;
  readonly path: string;
  /** HTTP statuses of errors whose body is a response, for REST. */
  readonly alsoAnswers?: readonly number[] | undefined;
  /** Encodes the request, in parts that may share its memory. */
  readonly requestParts: (request: Request) => readonly Buffer[];
  readonly responseDeserialize: (message: Buffer) => Response;
}

/** What carries calls. */
interface Connection {
  call(request: RestRequest): Promise<UnaryAnswer>;
}

/** What provides connections: see `ServiceChannel`. */
interface Channel {
  readonly ready: Connection | undefined;
  connect(): Promise<Connection | undefined>;
  abandon(attempt: Promise<Connection | undefined>): void;
  close(): void;
}

/** Maximum duration of a diagnosis after a call has failed. */
const DIAGNOSIS_MS = 5_000;
/** Number of connections that an attempt tries if servers close them before they process its request. */
const MAX_CONNECTIONS = 3;

/**
 * Makes calls with a deadline, the key, cancellation, retries while the server is unavailable, and a diagnosis on failure. All
 * methods that it is used for are idempotent.
 */
export class ServiceCaller {
  private readonly channel: Channel;
  /** Headers of every call. */
  private readonly headers: OutgoingHttpHeaders;
  private readonly underWay = new Set<LinkedAbort>();
  private closed = false;
  private diagnosis: Promise<ConnectionDiagnosis> | undefined;

  /**
   * @param traced whether calls have spans; not for callers that trace their calls themselves
   * @throws InvalidInputError if the TLS settings are invalid
   */
  constructor(
    private readonly settings: ClientSettings,
    private readonly traced = true,
  ) {
    this.channel = settings.rest ? new RestChannel(settings) : new ServiceChannel(settings);
    this.headers = {
      ':method': 'POST',
      ':authority': settings.authority ?? formatAddress(settings.address),
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-accept-encoding': 'identity',
      'user-agent': 'grpc-node-cdktf-brainwave',
      ...(settings.key !== undefined && { authorization: settings.key }),
      ...(settings.deployment !== undefined && { [DEPLOYMENT_HEADER]: settings.deployment }),
    };
  }

  /** @throws PredictionError */
  async call<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    options: InternalCallOptions = {},
  ): Promise<Response> {
    return (await this.callWithHeaders(method, request, options)).response;
  }

  /**
   * Makes a call and also returns the headers of its answer, which contain the initial metadata.
   * @throws PredictionError
   */
  async callWithHeaders<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    options: InternalCallOptions = {},
  ): Promise<Answer<Response>> {
    const deadlineMs = positive('deadlineMs', options.deadlineMs ?? this.settings.deadlineMs);
    const deadline = Date.now() + deadlineMs;
    const maxAttempts = options.maxAttempts ?? this.settings.retry.maxAttempts;
    const abort = new LinkedAbort(options.signal);
    this.underWay.add(abort);
    const span = this.traced ? startClientSpan(() => this.describe(method)) : undefined;
    try {
      this.refuseWhenCancelled(abort);
      const message = this.serialize(method, request);
      const headers = span ? { ...options.headers, ...span.headers } : options.headers;
      const bounds = { deadline, deadlineMs, maxAttempts, headers, abort };
      const answer = await this.callUntilAnswered(method, message, bounds);
      span?.end();
      return answer;
    } catch (error) {
      span?.end(error);
      throw error;
    } finally {
      abort.end();
      this.underWay.delete(abort);
    }
  }

  private async callUntilAnswered<Response>(
    method: UnaryMethod<never, Response>,
    message: readonly Buffer[],
    bounds: CallBounds,
  ): Promise<Answer<Response>> {
    const { deadline, maxAttempts, abort } = bounds;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(method, message, bounds);
      if ('response' in outcome) {
        return outcome;
      }
      this.refuseWhenCancelled(abort);
      const wait = backoffMs(this.settings.retry, attempt);
      if (!outcome.retryable || attempt >= maxAttempts || Date.now() + wait >= deadline) {
        throw outcome.error;
      }
      await delay(wait, undefined, { signal: abort.signal }).catch(() => undefined);
      this.refuseWhenCancelled(abort);
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

  private describe({ verb, path }: UnaryMethod<never, unknown>): TracedCall {
    const { address, rest } = this.settings;
    return rest
      ? restCall(verb ?? 'POST', `https://${String(this.headers[':authority'])}${path}`, address)
      : grpcCall(path, address);
  }

  private serialize<Request>(method: UnaryMethod<Request, unknown>, request: Request): readonly Buffer[] {
    const message = method.requestParts(request);
    const { maxMessageBytes } = this.settings;
    const bytes = sizeOf(message);
    if (bytes > maxMessageBytes) {
      throw new InvalidInputError(
        `got a request of ${bytes.toLocaleString('en')} bytes, expected at most ` +
          maxMessageBytes.toLocaleString('en'),
        {
          remedy:
            'send smaller images or arrays, fewer at once, or raise ' +
            `${this.settings.names('maxMessageBytes')} and the limit of the server`,
        },
      );
    }
    return message;
  }

  private async attempt<Response>(
    method: UnaryMethod<never, Response>,
    message: readonly Buffer[],
    bounds: CallBounds,
  ): Promise<Outcome<Response>> {
    for (let connections = 1; ; connections++) {
      const connection = this.channel.ready ?? (await this.connect(bounds));
      if ('error' in connection) {
        return connection;
      }
      try {
        return await this.callOn(connection, method, message, bounds);
      } catch (error) {
        if (!(error instanceof CallFailedError)) {
          throw error;
        }
        if (bounds.abort.aborted) {
          return canceled();
        }
        // A server that closes a connection because of its age must not fail a call.
        if (error.failure.kind !== 'unprocessed' || connections === MAX_CONNECTIONS) {
          return this.failed(error.failure, bounds);
        }
      }
    }
  }

  private async callOn<Response>(
    connection: Connection,
    method: UnaryMethod<never, Response>,
    message: readonly Buffer[],
    { deadline, headers, abort }: CallBounds,
  ): Promise<Answer<Response>> {
    const answer = await connection.call({
      headers: {
        ...headers,
        ...this.headers,
        ...(method.verb && { ':method': method.verb }),
        ':path': method.path,
        'grpc-timeout': formatTimeout(deadline - Date.now()),
      },
      message,
      deadline,
      abort,
      maxMessageBytes: this.settings.maxMessageBytes,
      alsoAnswers: method.alsoAnswers,
    });
    try {
      return { response: method.responseDeserialize(answer.message), headers: answer.headers };
    } catch (cause) {
      const details = `the response is not a valid message (${(cause as Error).message})`;
      throw new CallFailedError({ kind: 'status', code: GrpcStatus.INTERNAL, details });
    }
  }

  private async failed(failure: CallFailure, { deadline, deadlineMs, abort }: CallBounds): Promise<Failed> {
    if (failure.kind === 'connection' || failure.kind === 'unprocessed') {
      const details = failure.kind === 'connection' ? failure.details : 'it was closed';
      const found = await this.diagnoseUntilAborted(diagnosisMs(deadline), abort);
      return { error: connectionError(found, this.settings, details), retryable: mayPass(found) };
    }
    const reason = statusError(failure, this.settings, deadlineMs);
    return { error: reason, retryable: isRetryable(failure, reason) };
  }

  /**
   * Connects. After half of the connect timeout, a separate diagnosis runs in parallel: an attempt that hangs does not say why.
   */
  private async connect(bounds: CallBounds): Promise<Connection | Failed> {
    const { deadline, abort } = bounds;
    const timeoutMs = Math.min(this.settings.connectTimeoutMs, 0.9 * (deadline - Date.now()));
    const attempt = this.channel.connect();
    const inTime = await settledWithin(attempt, timeoutMs / 2, abort.signal);
    if (abort.aborted) {
      return canceled();
    }
    const connected = inTime ? await attempt : undefined;
    if (connected) {
      return connected;
    }
    const diagnosis = this.diagnoseUntilAborted(inTime ? diagnosisMs(deadline) : timeoutMs / 2, abort);
    const late = inTime ? undefined : await Promise.race([attempt, diagnosis.then(() => undefined)]);
    if (late) {
      diagnosis.catch(() => undefined);
      return late;
    }
    const found = await diagnosis;
    this.channel.abandon(attempt);
    const error = connectionError(found, this.settings, 'it was not established');
    return { error, retryable: found.kind === 'ready' || (inTime && mayPass(found)) };
  }

  private async diagnoseUntilAborted(timeoutMs: number, abort: LinkedAbort): Promise<ConnectionDiagnosis> {
    try {
      return await untilAborted(this.diagnose(timeoutMs), abort.signal);
    } catch (error) {
      this.refuseWhenCancelled(abort);
      throw error;
    }
  }

  // All calls on a connection fail together, so they share one diagnosis.
  private diagnose(timeoutMs: number): Promise<ConnectionDiagnosis> {
    this.diagnosis ??= diagnoseConnection(this.settings, timeoutMs).finally(() => {
      this.diagnosis = undefined;
    });
    return this.diagnosis;
  }

  private refuseWhenCancelled({ aborted, reason }: LinkedAbort): void {
    const grpcStatus = GrpcStatus.CANCELLED;
    if (this.closed) {
      throw new CancelledError('the client is closed', {
        remedy: 'create a new client',
        grpcStatus,
      });
    }
    if (aborted) {
      throw new CancelledError('the call was canceled by its AbortSignal', {
        grpcStatus,
        cause: reason,
      });
    }
  }
}

interface CallBounds {
  readonly deadline: number;
  readonly deadlineMs: number;
  readonly maxAttempts: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly abort: LinkedAbort;
}

/** Response of a call and its headers. */
interface Answer<Response> {
  readonly response: Response;
  readonly headers: IncomingHttpHeaders;
}

interface Failed {
  readonly error: PredictionError;
  readonly retryable: boolean;
}

type Outcome<Response> = Answer<Response> | Failed;

function canceled(): Failed {
  return { error: new CancelledError('the call was canceled'), retryable: false };
}

function diagnosisMs(deadline: number): number {
  return Math.min(DIAGNOSIS_MS, Math.max(deadline - Date.now(), 500));
}

/** Returns whether a promise settles within a time. An aborted signal ends the wait. */
async function settledWithin(promise: Promise<unknown>, ms: number, signal: AbortSignal): Promise<boolean> {
  const done = new AbortController();
  const end = () => {
    done.abort();
  };
  signal.addEventListener('abort', end);
  try {
    const late = delay(ms, false, { signal: done.signal }).catch(() => false);
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    signal.removeEventListener('abort', end);
    done.abort();
  }
}

function isRetryable(failure: CallFailure, reason: PredictionError): boolean {
  return (
    'code' in failure &&
    failure.code === GrpcStatus.UNAVAILABLE &&
    (reason instanceof UnavailableError || reason instanceof OverloadedError)
  );
}

/** Returns whether the server responded, but does not implement the method. */
export function isMissingMethod(error: unknown): boolean {
  return error instanceof UnexpectedResponseError && error.grpcStatus === GrpcStatus.UNIMPLEMENTED;
}
