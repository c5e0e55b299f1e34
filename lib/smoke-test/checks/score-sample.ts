import { InvalidInputError } from '../../errors/prediction-errors';
import { messageOf } from '../../errors/message-of';
import { SmokeTestError } from '../smoke-test-error';
import type { CheckContext } from './check';

/**
 * Scores a sample; the first answer to it, or why there is none, is kept for the report.
 * @param index of the sample
 * @returns milliseconds
 */
export async function scoreSample(
  { samples, scoring, findings: { answers, refusals } }: CheckContext,
  index: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const before = performance.now();
  try {
    const answer = await scoring.score(samples[index].content, signal);
    const elapsedMs = performance.now() - before;
    if (!answers.has(index)) {
      answers.set(index, answer);
    }
    return elapsedMs;
  } catch (error) {
    // A call that is broken off says nothing of its sample.
    if (!signal?.aborted && !answers.has(index)) {
      refusals.set(index, messageOf(error));
    }
    throw error;
  }
}

/** Whether it is this sample that the service does not take, such as a broken image, while it may take others. */
export function isAboutSample(error: unknown): boolean {
  return (
    error instanceof SmokeTestError || (error instanceof InvalidInputError && error.grpcStatus !== undefined)
  );
}
