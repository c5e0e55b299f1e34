import { numberAbove, outOfRange, wholeNumber, type NumberRange } from '../validation/number-range';
import { requireUsableAccess } from '../serving/access-control';
import type { FailedAttemptsOptions } from '../serving/failed-attempts';
import type { ApiKeyPair } from '../serving/key-check';
import type { Log } from '../serving/log';
import { ServerOptionsError } from '../serving/serving-errors';
import type { TlsContext } from '../serving/tls-policy';
import type { KeepAliveOptions, PeerTimeouts } from './transport/grpc-transport';
import type { AcceleratorOptions, PipelineLimits, PipelineResources } from './pipeline';
import { checkAcceleratorOptions } from './pipeline/accelerator/accelerator-options';

/** What is served. */
export interface ModelSource {
  /** The name that calls may ask for. */
  readonly name: string;
  /** @default '1' */
  readonly version?: string | undefined;
  /** Path of the service definition's zip. */
  readonly path: string;
}

/** What is served, where, and who may call it. */
export interface ScoringServerOptions {
  readonly model: ModelSource;
  /**
   * The address to listen on.
   * @default '127.0.0.1'
   */
  readonly host?: string | undefined;
  /**
   * 0 takes a free one.
   * @default 50051
   */
  readonly port?: number | undefined;
  /** @default - plaintext, on which keys are not checked */
  readonly tls?: TlsContext | undefined;
  /** @default - anybody who reaches the address can call */
  readonly keys?: ApiKeyPair | undefined;
  /**
   * How callers without a right key are slowed. It is counted by address: behind a load balancer that hides its
   * callers' addresses, one that knows no key slows the refusals of all, and nothing else.
   */
  readonly failedAttempts?: FailedAttemptsOptions | undefined;
  /**
   * Predict calls worked on at once; what comes on top gets RESOURCE_EXHAUSTED.
   * @default 32
   */
  readonly maxInFlight?: number | undefined;
  /**
   * Bytes of one request.
   * @default 32 MiB
   */
  readonly maxMessageBytes?: number | undefined;
  /** Bounds of one request's images, and the threads that score them. */
  readonly limits?: PipelineLimits | undefined;
  /**
   * The server that runs `brainwave` stages. While it is not ready, health says NOT_SERVING and calls get
   * UNAVAILABLE.
   * @default - the stage's `software` runs on the CPU
   */
  readonly accelerator?: AcceleratorOptions | undefined;
  /**
   * A plaintext port on the same address that answers health checks only, for probes that do not speak TLS.
   * 0 takes a free one.
   * @default - none
   */
  readonly healthPort?: number | undefined;
  /** How connections are found out whose peer has vanished. */
  readonly keepAlive?: KeepAliveOptions | undefined;
  /** How long a peer may take to say what it wants, and to take its answer. */
  readonly timeouts?: PeerTimeouts | undefined;
  /**
   * Tells clients such as grpcurl what services and messages there are (`grpc.reflection.v1`).
   * @default false
   */
  readonly reflection?: boolean | undefined;
  /** @default - JSON lines on standard output */
  readonly log?: Log | undefined;
}

const DEFAULT_MAX_IN_FLIGHT = 32;
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
export function resourcesOf({ limits, accelerator }: ScoringServerOptions): PipelineResources {
  return { ...limits, accelerator };
}

/**
 * Finds what cannot be used before anything is changed.
 * @throws ServerOptionsError
 * @internal
 */
export function checkOptions(options: ScoringServerOptions): void {
  checkNumber('maxInFlight', options.maxInFlight, wholeNumber(1));
  checkNumber('maxMessageBytes', options.maxMessageBytes, wholeNumber(1));
  checkNumber('timeouts.handshakeMs', options.timeouts?.handshakeMs, numberAbove(0));
  checkNumber('timeouts.transferMs', options.timeouts?.transferMs, numberAbove(0));
  checkNumber('failedAttempts.burst', options.failedAttempts?.burst, numberAbove(0));
  checkNumber('failedAttempts.perSecond', options.failedAttempts?.perSecond, numberAbove(0));
  if (options.accelerator) {
    checkAccelerator(options.accelerator);
  }
  requireUsableAccess(options);
}

function checkNumber(name: string, value: number | undefined, range: NumberRange): void {
  const problem = outOfRange(name, value, range);
  if (problem !== undefined) {
    throw new ServerOptionsError(problem);
  }
}

function checkAccelerator(accelerator: AcceleratorOptions): void {
  try {
    checkAcceleratorOptions(accelerator);
  } catch (error) {
    throw new ServerOptionsError((error as Error).message, { cause: error });
  }
}
