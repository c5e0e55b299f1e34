/** How often and how fast a call is tried again that found the server unavailable. */
export interface RetryPolicy {
  /**
   * How often a call is tried, the first time included; 1 for no retries.
   * @default 5
   */
  readonly maxAttempts?: number;
  /**
   * Milliseconds before the first retry; each further one waits twice as long.
   * @default 100
   */
  readonly initialBackoffMs?: number;
  /**
   * Longest wait between two tries, in milliseconds.
   * @default 1,000
   */
  readonly maxBackoffMs?: number;
}

export const defaultRetryPolicy: Required<RetryPolicy> = {
  maxAttempts: 5,
  initialBackoffMs: 100,
  maxBackoffMs: 1_000,
};

/**
 * Milliseconds to wait after the given failed try (the first is 1): doubled each time, a fifth more or less
 * by chance so that the clients of a server that failed do not all come back at once.
 * @param random 0 to 1
 */
export function backoffMs(
  policy: Required<RetryPolicy>,
  failedAttempts: number,
  random = Math.random(),
): number {
  const wait = Math.min(policy.initialBackoffMs * 2 ** (failedAttempts - 1), policy.maxBackoffMs);
  return wait * (0.8 + 0.4 * random);
}
