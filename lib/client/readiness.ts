import { setTimeout as delay } from 'node:timers/promises';

import { positive } from './prediction-client-options';
import {
  CancelledError,
  CertificateError,
  ConnectionFailedError,
  DeadlineExceededError,
  InvalidInputError,
  MissingMethodError,
  ModelNotFoundError,
  NotReadyInTimeError,
  PredictionError,
  UnauthenticatedError,
} from '../errors/prediction-errors';
import type { KnownKeys } from '../validation/known-keys';

/** Options for waiting until a service is ready. */
export interface WaitUntilReadyOptions {
  /**
   * Maximum time to wait, in milliseconds.
   * @default 60,000
   */
  readonly timeoutMs?: number | undefined;
  /** Aborts the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each attempt that found the service not ready. */
  readonly onAttempt?: ((attempt: ReadinessAttempt) => void) | undefined;
  /**
   * Milliseconds between attempts.
   * @default 200
   */
  readonly intervalMs?: number | undefined;
  /**
   * Returns whether to keep waiting after the given reason.
   * @default - for every reason that may resolve itself, which excludes a wrong certificate, key, model name or type of server
   */
  readonly keepWaiting?: ((reason: PredictionError) => boolean) | undefined;
}

export const WAIT_OPTIONS: KnownKeys<WaitUntilReadyOptions> = {
  timeoutMs: true,
  signal: true,
  onAttempt: true,
  intervalMs: true,
  keepWaiting: true,
};

/** An attempt that found the service not ready. */
export interface ReadinessAttempt {
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Milliseconds since the start of the wait. */
  readonly elapsedMs: number;
  /** Reason why the service was not ready. */
  readonly reason: PredictionError;
}

/** Maximum duration of one attempt, in milliseconds. */
const LOOK_MS = 3_000;

/** Time limits of an attempt, and the signal that aborts it. */
export interface LookOptions {
  /** Maximum duration of a call to a service that is ready, in milliseconds. */
  readonly deadlineMs: number;
  /** Milliseconds left of the entire wait, for attempts that score: the first score may take long. */
  readonly leftMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats attempts until the service is ready. The calls fail immediately without a connection: a call that waits for
 * readiness hides why there is none and is slow to notice a new server.
 * @param look resolves if the service is ready, and rejects with the reason if it is not
 * @throws NotReadyInTimeError with the last reason as its cause; the reason itself if waiting cannot help; CancelledError
 */
export async function waitForReadiness(
  look: (options: LookOptions) => Promise<void>,
  {
    timeoutMs = 60_000,
    signal,
    onAttempt,
    intervalMs = 200,
    keepWaiting = mayPassByItself,
  }: WaitUntilReadyOptions,
): Promise<void> {
  positive('timeoutMs', timeoutMs);
  positive('intervalMs', intervalMs);
  const started = now();
  let known: PredictionError | undefined;
  for (let attempt = 1; ; attempt++) {
    const leftMs = Math.max(started + timeoutMs - now(), 100);
    try {
      await look({ deadlineMs: Math.min(LOOK_MS, leftMs), leftMs, signal });
      return;
    } catch (error) {
      if (!(error instanceof PredictionError) || error instanceof CancelledError || !keepWaiting(error)) {
        throw error;
      }
      const elapsedMs = now() - started;
      // An attempt without enough time reports only the timeout. The previous reason is more useful.
      const reason = isTimeout(error) && leftMs < LOOK_MS ? (known ?? error) : error;
      known = reason;
      onAttempt?.({ attempt, elapsedMs, reason });
      if (elapsedMs + intervalMs >= timeoutMs) {
        // Includes an attempt that took longer than the remaining time, but not a remainder too short for another attempt.
        const waitedMs = Math.max(elapsedMs, timeoutMs);
        throw new NotReadyInTimeError(`not ready after ${seconds(waitedMs)}: ${reason.finding}`, {
          remedy: reason.remedy,
          cause: reason,
          grpcStatus: reason.grpcStatus,
        });
      }
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    // Not every attempt can be aborted.
    if (signal?.aborted) {
      throw new CancelledError('the wait was aborted', { cause: signal.reason });
    }
  }
}

function isTimeout(error: PredictionError): boolean {
  return (
    error instanceof DeadlineExceededError ||
    (error instanceof ConnectionFailedError && error.reason === 'timed-out')
  );
}

function mayPassByItself(reason: PredictionError): boolean {
  return ![
    CertificateError,
    InvalidInputError,
    MissingMethodError,
    ModelNotFoundError,
    UnauthenticatedError,
  ].some((permanent) => reason instanceof permanent);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toLocaleString('en', { maximumFractionDigits: 1 })} s`;
}

/** Milliseconds of a monotonic clock. */
function now(): number {
  return Math.round(performance.now());
}
