import { numberAbove, outOfRange, wholeNumber, type NumberRange } from '../validation/number-range';
import { propertyNames, type OptionNames } from '../validation/option-names';
import { originProblem } from '../validation/origin';
import { DEFAULT_MAX_IN_FLIGHT } from '../contract/operations';
import { requireUsableAccess } from '../serving/access-control';
import type { FailedAttemptsOptions } from '../serving/failed-attempts';
import type { ApiKeyPair } from '../serving/key-check';
import type { Log } from '../serving/log';
import { ServerOptionsError } from '../serving/serving-errors';
import type { TlsContext } from '../serving/tls-policy';
import { requirePrivateAddress } from '../serving/trusted-proxy';
import { MAX_AGE_SECONDS, type ConnectionAge } from './transport/connection-age';
import type { KeepAliveOptions, PeerTimeouts } from './transport/server-transport';
import type { AcceleratorOptions, PipelineLimits, PipelineResources } from './pipeline';
import { checkAcceleratorOptions } from './pipeline/accelerator/accelerator-options';

/** Model to serve. */
export interface ModelSource {
  /** Name of the model in requests. */
  readonly name: string;
  /**
   * Version of the model.
   * @default '1'
   */
  readonly version?: string | undefined;
  /** Path of the service definition's zip. */
  readonly path: string;
}

/** Options of a scoring server. */
export interface ScoringServerOptions {
  readonly model: ModelSource;
  /**
   * Address to listen on.
   * @default '127.0.0.1'
   */
  readonly host?: string | undefined;
  /**
   * Port to listen on. 0 selects a free port.
   * @default 50051
   */
  readonly port?: number | undefined;
  /**
   * Certificate and private key.
   * @default - plaintext, and keys are not checked
   */
  readonly tls?: TlsContext | undefined;
  /**
   * Whether a trusted proxy, such as Envoy or nginx, terminates TLS and forwards calls as plaintext HTTP/2 or HTTP/1.1. Keys are then
   * checked, callers are told apart by `x-forwarded-for`, and calls that reached the proxy without TLS (`x-forwarded-proto: http`) are
   * refused. Only the proxy may be able to connect: the server does not start on a public address.
   * @default false
   */
  readonly tlsTerminatedByProxy?: boolean | undefined;
  /**
   * Accepted keys. Every call must present one of them.
   * @default - anyone who can connect can call
   */
  readonly keys?: ApiKeyPair | undefined;
  /**
   * Throttling of callers without a valid key. Failed attempts are counted per address. Behind a load balancer that
   * hides the callers' addresses, one such caller delays the rejections of all others, but not their successful calls.
   */
  readonly failedAttempts?: FailedAttemptsOptions | undefined;
  /**
   * Revision of the deployment, reported to callers in the initial metadata `brainwave-revision` of every call.
   * @default - not reported
   */
  readonly revision?: string | undefined;
  /**
   * Maximum number of Predict calls in flight. Further calls fail with RESOURCE_EXHAUSTED.
   * @default 32
   */
  readonly maxInFlight?: number | undefined;
  /**
   * Maximum size of a request, in bytes.
   * @default 32 MiB
   */
  readonly maxMessageBytes?: number | undefined;
  /**
   * Origins of the web pages that may call from a browser, over gRPC-Web or REST: `https://app.example.com`, or `*` for all (CORS).
   * @default - none
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Limits for the images of a request, and the number of threads. */
  readonly limits?: PipelineLimits | undefined;
  /**
   * Server that runs `brainwave` stages. While it is not ready, the health status is NOT_SERVING and calls fail with
   * UNAVAILABLE.
   * @default - the stage's `software` runs on the CPU
   */
  readonly accelerator?: AcceleratorOptions | undefined;
  /**
   * Plaintext port that serves only health checks (gRPC, `/livez` and `/readyz`) and metrics (`/metrics`), without a key. 0 selects
   * a free port.
   * @default - none; a plaintext `port` serves them, too
   */
  readonly healthPort?: number | undefined;
  /**
   * Address of the health port.
   * @default - `host`
   */
  readonly healthHost?: string | undefined;
  /** Detection of connections whose peer is gone. */
  readonly keepAlive?: KeepAliveOptions | undefined;
  /** Time limits for operations during which a peer holds server resources. */
  readonly timeouts?: PeerTimeouts | undefined;
  /**
   * Maximum age of a connection, in seconds, with a jitter of 10 %. The server then sends GOAWAY, finishes the calls in flight and
   * closes the connection. gRPC clients connect again without a failed call, and behind a load balancer they may reach a replica
   * that was added since.
   * @default - unlimited
   * @see https://github.com/grpc/proposal/blob/master/A9-server-side-conn-mgt.md
   */
  readonly maxConnectionAgeSeconds?: number | undefined;
  /**
   * Maximum time, in seconds, for the calls in flight on a connection that has reached its maximum age. Calls that take longer fail
   * with UNAVAILABLE.
   * @default - unlimited
   */
  readonly maxConnectionAgeGraceSeconds?: number | undefined;
  /**
   * Whether the server describes its services and messages to clients such as grpcurl (`grpc.reflection.v1`).
   * @default false
   */
  readonly reflection?: boolean | undefined;
  /**
   * Destination of log entries.
   * @default - JSON lines on standard output
   */
  readonly log?: Log | undefined;
  /**
   * Converts the path of an option, such as `accelerator.address`, to the name under which users of your program set it, such as a
   * flag. Error messages use it.
   * @default - the path
   */
  readonly optionNames?: OptionNames | undefined;
}

/** @internal */
export const DEFAULT_HOST = '127.0.0.1';
const AGE = numberAbove(0, MAX_AGE_SECONDS);
const DEFAULT_MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** @internal */
export function maxInFlightOf({ maxInFlight }: ScoringServerOptions): number {
  return maxInFlight ?? DEFAULT_MAX_IN_FLIGHT;
}

/** @internal */
export function maxMessageBytesOf({ maxMessageBytes }: ScoringServerOptions): number {
  return maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
}

/** @internal */
export function connectionAgeOf(options: ScoringServerOptions): ConnectionAge | undefined {
  const { maxConnectionAgeSeconds, maxConnectionAgeGraceSeconds } = options;
  return maxConnectionAgeSeconds === undefined
    ? undefined
    : { maxSeconds: maxConnectionAgeSeconds, graceSeconds: maxConnectionAgeGraceSeconds };
}

/** @internal */
export function resourcesOf({ limits, accelerator }: ScoringServerOptions): PipelineResources {
  return { ...limits, accelerator };
}

/**
 * Validates the options before anything is changed.
 * @throws ServerOptionsError if an option is invalid
 * @internal
 */
export function checkOptions(options: ScoringServerOptions): void {
  const { optionNames: names = propertyNames } = options;
  const checkNumber = (option: string, value: number | undefined, range: NumberRange) => {
    const problem = outOfRange(names(option), value, range);
    if (problem !== undefined) {
      throw new ServerOptionsError(problem);
    }
  };
  checkNumber('maxInFlight', options.maxInFlight, wholeNumber(1));
  checkNumber('maxMessageBytes', options.maxMessageBytes, wholeNumber(1));
  checkNumber('timeouts.handshakeMs', options.timeouts?.handshakeMs, numberAbove(0));
  checkNumber('timeouts.transferMs', options.timeouts?.transferMs, numberAbove(0));
  checkNumber('maxConnectionAgeSeconds', options.maxConnectionAgeSeconds, AGE);
  checkNumber('maxConnectionAgeGraceSeconds', options.maxConnectionAgeGraceSeconds, AGE);
  checkNumber('failedAttempts.burst', options.failedAttempts?.burst, numberAbove(0));
  checkNumber('failedAttempts.perSecond', options.failedAttempts?.perSecond, numberAbove(0));
  const problem = originProblem(names('allowedOrigins'), options.allowedOrigins);
  if (problem !== undefined) {
    throw new ServerOptionsError(problem);
  }
  if (options.accelerator) {
    checkAccelerator(options.accelerator, names);
  }
  requireUsableAccess(options, names);
  if (options.tlsTerminatedByProxy) {
    requirePrivateAddress(options.host ?? DEFAULT_HOST, names);
  }
}

function checkAccelerator(accelerator: AcceleratorOptions, names: OptionNames): void {
  try {
    checkAcceleratorOptions(accelerator, names);
  } catch (error) {
    throw new ServerOptionsError((error as Error).message, { cause: error });
  }
}
