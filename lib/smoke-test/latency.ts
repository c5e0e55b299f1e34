import { roundMs } from './stage-log';

/** Milliseconds. */
export interface Latency {
  readonly first: number;
  /** Of the calls after the first one, shortest first. */
  readonly warm: readonly number[];
}

/**
 * Times a call and then some more of the same.
 * @param onFirst takes the first call's answer
 */
export async function measureLatency<T>(
  call: () => Promise<T>,
  warmCalls: number,
  onFirst: (answer: T) => void,
): Promise<Latency> {
  const timed = async () => {
    const before = performance.now();
    const answer = await call();
    return { answer, ms: roundMs(performance.now() - before) };
  };
  const first = await timed();
  onFirst(first.answer);
  const warm: number[] = [];
  for (let count = 0; count < warmCalls; count += 1) {
    warm.push((await timed()).ms);
  }
  warm.sort((left, right) => left - right);
  return { first: first.ms, warm };
}

export function describeLatency({ first, warm }: Latency): string {
  const median = warm.at(Math.floor(warm.length / 2));
  return `first answer after ${first} ms${median === undefined ? '' : `, then ${median} ms`}`;
}
