/** Retries of calls that fail because the server is unavailable. */
export interface RetryPolicy {
  /**
   * Maximum number of attempts, including the first. 1 disables retries.
   * @default 5
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Milliseconds before the first retry. The delay doubles with each retry.
   * @default 100
   */
  readonly initialBackoffMs?: number | undefined;
  /**
   * Maximum delay between attempts, in milliseconds.
   * @default 1,000
   */
  readonly maxBackoffMs?: number | undefined;
}

export const defaultRetryPolicy: Required<RetryPolicy> = {
  maxAttempts: 5,
  initialBackoffMs: 100,
  maxBackoffMs: 1_000,
};

/**
 * Returns the delay in milliseconds after the given failed attempt (from 1): exponential backoff with 20 % jitter, so that the
 * clients of a failed server do not all reconnect at once.
 * @param random random number from 0 to 1
 */
export function backoffMs(
  policy: Required<RetryPolicy>,
  failedAttempts: number,
  random = Math.random(),
): number {
  const wait = Math.min(policy.initialBackoffMs * 2 ** (failedAttempts - 1), policy.maxBackoffMs);
  return wait * (0.8 + 0.4 * random);
}
