import { LinkedAbort } from '../../concurrency/abort';
import { messageOf } from '../../errors/brainwave-error';
import { InvalidInputError } from '../../errors/prediction-errors';
import { describeWarmLatency, roundMs, sumUpLatency } from '../latency';
import { SmokeTestError } from '../smoke-test-error';
import type { Check, CheckContext } from './check';

const DEFAULT_COUNT = 5;

/** Makes the first call, which may be slow because nothing is warmed up. */
export const firstCall: Check = {
  name: 'first-call',
  async run(context) {
    const firstMs = roundMs(await callFirst(context));
    context.findings.latency = { firstMs, budget: context.options.latencyBudget };
    return `response after ${firstMs} ms`;
  },
};

/** Makes the calls after the first one: the other samples, and the number of calls that the options request. */
export const warmCalls: Check = {
  name: 'warm-calls',
  async run(context) {
    const { samples, findings, options } = context;
    const { count = DEFAULT_COUNT, durationSeconds, concurrency = 1, warmUp = 0 } = options.warmCalls ?? {};
    const durationMs = durationSeconds === undefined ? undefined : durationSeconds * 1000;
    const least = Math.max(samples.length - 1, durationMs === undefined ? count : 1);
    if (least === 0) {
      return { skipped: 'no calls requested' };
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

/** A sample that the service rejects does not prevent the others from being scored: `expectations` reports it. */
async function callFirst(context: CheckContext): Promise<number> {
  let rejection: unknown;
  for (const index of context.samples.keys()) {
    try {
      return await scoreSample(context, index, context.options.signal);
    } catch (error) {
      if (!isAboutSample(error)) {
        throw error;
      }
      rejection ??= error;
    }
  }
  throw rejection;
}

/**
 * Calls with one sample after the other, starting with the second one. A sample that the service rejects is not sent
 * again: `expectations` reports it.
 * @param more whether to make another call, given the number of calls that were started
 * @returns latency of each call, in milliseconds
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
    // The first call that fails cancels the others.
    abort.abort();
    abort.end();
  }
  return calls;
}

/**
 * Scores a sample, and stores its first answer, or the reason why there is none, for the report.
 * @returns latency in milliseconds
 */
async function scoreSample(
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
    // The failure of a canceled call is unrelated to its sample.
    if (!signal?.aborted && !answers.has(index)) {
      refusals.set(index, messageOf(error));
    }
    throw error;
  }
}

/** Returns whether the service rejects this sample, such as a broken image, but may accept others. */
function isAboutSample(error: unknown): boolean {
  return (
    error instanceof SmokeTestError || (error instanceof InvalidInputError && error.grpcStatus !== undefined)
  );
}
