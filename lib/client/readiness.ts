import { setTimeout as delay } from 'node:timers/promises';

import { positive } from './prediction-client-options';
import {
  CancelledError,
  CertificateError,
  DeadlineExceededError,
  InvalidInputError,
  MissingMethodError,
  ModelNotFoundError,
  NotReadyInTimeError,
  PredictionError,
  UnauthenticatedError,
} from '../errors/prediction-errors';

/** How to wait for a service. */
export interface WaitUntilReadyOptions {
  /**
   * Milliseconds to wait.
   * @default 60,000
   */
  readonly timeoutMs?: number;
  /** Stops waiting. */
  readonly signal?: AbortSignal;
  /** Told of each look that found the service not ready. */
  readonly onAttempt?: (attempt: ReadinessAttempt) => void;
  /**
   * Milliseconds between two looks.
   * @default 200
   */
  readonly intervalMs?: number;
  /**
   * Whether to go on waiting after this reason.
   * @default for every reason that may pass by itself: not for a certificate, a key, a model name or a kind of
   * server that is wrong
   */
  readonly keepWaiting?: (reason: PredictionError) => boolean;
}

/** One look at a service that was not ready. */
export interface ReadinessAttempt {
  /** 1 for the first look. */
  readonly attempt: number;
  /** Milliseconds since the wait began. */
  readonly elapsedMs: number;
  /** Why it was not ready. */
  readonly reason: PredictionError;
}

/** Milliseconds that one look may take. */
const lookMs = 3_000;

/** How long a look may take, and what breaks it off. */
export interface LookOptions {
  /** Milliseconds that a call may take to a service that is ready. */
  readonly deadlineMs: number;
  /** Milliseconds that are left of the whole wait, for a look that scores: a first score may take long. */
  readonly leftMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Looks again and again, with calls that fail at once where there is no connection: a call that waits for
 * readiness hides why there is none, and notices a new server late.
 * @param look resolves when the service is ready, and rejects with the reason when it is not
 * @throws NotReadyInTimeError with the last reason as its cause; the reason itself where waiting is of no use;
 * CancelledError
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
      await look({ deadlineMs: Math.min(lookMs, leftMs), leftMs, signal });
      return;
    } catch (error) {
      if (!(error instanceof PredictionError) || error instanceof CancelledError || !keepWaiting(error)) {
        throw error;
      }
      const elapsedMs = now() - started;
      // A look that had less time than it needs tells of that time alone: what was found before says more.
      const reason = error instanceof DeadlineExceededError && leftMs < lookMs ? (known ?? error) : error;
      known = reason;
      onAttempt?.({ attempt, elapsedMs, reason });
      if (elapsedMs + intervalMs >= timeoutMs) {
        // A look that takes longer than what was left is told; the rest that is too short for another look is not.
        const waitedMs = Math.max(elapsedMs, timeoutMs);
        throw new NotReadyInTimeError(`not ready after ${seconds(waitedMs)}: ${reason.finding}`, {
          remedy: reason.remedy,
          cause: reason,
          grpcStatus: reason.grpcStatus,
        });
      }
    }
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    // Not every look can be broken off.
    if (signal?.aborted) {
      throw new CancelledError('waiting was broken off', { cause: signal.reason });
    }
  }
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

/** Milliseconds of a clock that nobody sets. */
function now(): number {
  return Math.round(performance.now());
}
