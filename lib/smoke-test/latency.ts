import { SmokeTestError } from './smoke-test-error';
import type { LatencyBudget } from './smoke-test-options';
import type { LatencyReport } from './smoke-test-report';

const REPORTED_CALLS = 1000;

/** Summary of the latencies of calls. */
export type WarmLatency = NonNullable<LatencyReport['warm']>;

/**
 * @param calls milliseconds per call, at least one
 * @param elapsedMs duration of all calls together
 */
export function sumUpLatency(calls: readonly number[], elapsedMs: number, concurrency: number): WarmLatency {
  const sorted = [...calls].sort((left, right) => left - right);
  const every = Math.max(1, sorted.length / REPORTED_CALLS);
  return {
    count: sorted.length,
    minMs: roundMs(sorted[0]),
    meanMs: roundMs(sorted.reduce((sum, each) => sum + each, 0) / sorted.length),
    p50Ms: roundMs(percentile(sorted, 50)),
    p95Ms: roundMs(percentile(sorted, 95)),
    p99Ms: roundMs(percentile(sorted, 99)),
    maxMs: roundMs(sorted[sorted.length - 1]),
    requestsPerSecond: Math.round((sorted.length / elapsedMs) * 100_000) / 100,
    concurrency,
    samplesMs: Array.from({ length: Math.min(sorted.length, REPORTED_CALLS) }, (_, index) =>
      roundMs(sorted[Math.floor(index * every)]),
    ),
  };
}

/**
 * Nearest-rank percentile: the smallest value that this percentage of the values does not exceed.
 * @param sorted values in ascending order, at least one
 */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

/** @throws SmokeTestError LATENCY_BUDGET with each value that exceeds its budget */
export function checkBudget(latency: WarmLatency, budget: LatencyBudget): void {
  const over = [
    slow('p50', latency.p50Ms, budget.p50Ms),
    slow('p95', latency.p95Ms, budget.p95Ms),
    slow('p99', latency.p99Ms, budget.p99Ms),
    budget.minimumRequestsPerSecond !== undefined &&
    latency.requestsPerSecond < budget.minimumRequestsPerSecond
      ? `${latency.requestsPerSecond} requests/s, expected at least ${budget.minimumRequestsPerSecond}`
      : undefined,
  ].filter((each) => each !== undefined);
  if (over.length > 0) {
    throw new SmokeTestError('LATENCY_BUDGET', `the service is too slow: ${over.join('; ')}`, {
      remedy: 'add replicas, use a faster compute, or run the test closer to its clients',
    });
  }
}

export function describeWarmLatency({
  count,
  p50Ms,
  p95Ms,
  p99Ms,
  requestsPerSecond,
  concurrency,
}: WarmLatency): string {
  return (
    `${count} calls${concurrency === 1 ? '' : `, ${concurrency} in parallel`}: p50 ${p50Ms} ms, p95 ${p95Ms} ms, ` +
    `p99 ${p99Ms} ms, ${requestsPerSecond} requests/s`
  );
}

/** Rounds milliseconds to one decimal. */
export function roundMs(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

function slow(name: string, got: number, allowed: number | undefined): string | undefined {
  return allowed !== undefined && got > allowed
    ? `${name} is ${got} ms, expected at most ${allowed} ms`
    : undefined;
}
