import { LinkedAbort } from '../../concurrency/abort';
import { describeWarmLatency, sumUpLatency } from '../latency';
import { isAboutSample, scoreSample } from './score-sample';
import type { Check, CheckContext } from './check';

const DEFAULT_COUNT = 5;

/** The calls after the first one: the other samples, and as many more as were asked for. */
export const warmCalls: Check = {
  name: 'warm-calls',
  async run(context) {
    const { samples, findings, options } = context;
    const { count = DEFAULT_COUNT, durationMs, concurrency = 1, warmUp = 0 } = options.warm ?? {};
    const least = Math.max(samples.length - 1, durationMs === undefined ? count : 1);
    if (least === 0) {
      return { skipped: 'no calls were asked for' };
    }
    await callInTurn(context, concurrency, (started) => started < warmUp);
    const before = performance.now();
    const elapsed = () => performance.now() - before;
    const calls = await callInTurn(
      context,
      concurrency,
      (started) => started < least || (durationMs !== undefined && elapsed() < durationMs),
      (answered) => {
        if (durationMs === undefined) {
          context.progress(answered, least, 'calls');
        } else {
          context.progress(Math.min(elapsed(), durationMs), durationMs, 'ms');
        }
      },
    );
    const latency = sumUpLatency(calls, elapsed(), concurrency);
    findings.latency = { firstMs: 0, ...findings.latency, warm: latency };
    return describeWarmLatency(latency);
  },
};

/**
 * Calls with one sample after the other, the second one first, so many at once. One that is refused is not sent again:
 * the expectations tell of it.
 * @param more whether to make another call, by the number of those that were begun
 * @returns milliseconds, a call each
 */
async function callInTurn(
  context: CheckContext,
  concurrency: number,
  more: (started: number) => boolean,
  onAnswer?: (answered: number) => void,
): Promise<number[]> {
  const { samples, findings, options } = context;
  const calls: number[] = [];
  const abort = new LinkedAbort(options.signal);
  let started = 0;
  let turn = 0;
  const next = () => {
    do {
      turn += 1;
    } while (findings.refusals.has(turn % samples.length));
    return turn % samples.length;
  };
  const work = async () => {
    while (more(started)) {
      started += 1;
      const index = next();
      try {
        calls.push(await scoreSample(context, index, abort.signal));
      } catch (error) {
        if (!findings.refusals.has(index) || !isAboutSample(error)) {
          throw error;
        }
        started -= 1;
        continue;
      }
      onAnswer?.(calls.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    // The first call that fails ends the others.
    abort.abort();
    abort.end();
  }
  return calls;
}
