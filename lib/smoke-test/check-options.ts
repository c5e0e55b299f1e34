import { checkExpectation } from './check-expectation';
import { checkTarget } from './check-target';
import { aboveZero, fromZero, requireNumber, wholeFrom } from './require-number';
import { sampleName } from './sample-name';
import { inputError } from './smoke-test-error';
import type { SmokeTestOptions } from './smoke-test-options';

/**
 * Refuses what cannot be meant, and what would never be looked at: a test that passes without having held a budget
 * against anything is worse than none.
 * @throws SmokeTestError SMOKE_TEST_INPUT
 */
export function checkOptions(options: SmokeTestOptions): void {
  const { samples, expect, target, labels } = options;
  if (samples.length === 0) {
    throw inputError('got no sample; give at least one image, or one request');
  }
  checkNumbers(options);
  for (const each of [expect, ...samples.map((sample) => sample.expect)]) {
    checkExpectation(each ?? {}, target.protocol, labels);
  }
  checkTarget(target);
  checkNamesForBaseline(options);
  checkLooksAtAll(options);
}

function checkNumbers({
  readyTimeoutMs,
  callTimeoutMs,
  minimumDaysToExpiry,
  warm = {},
  budget = {},
  baseline,
}: SmokeTestOptions): void {
  requireNumber('readyTimeoutMs', readyTimeoutMs, fromZero);
  requireNumber('callTimeoutMs', callTimeoutMs, aboveZero);
  requireNumber('minimumDaysToExpiry', minimumDaysToExpiry, fromZero);
  requireNumber('warm.count', warm.count, wholeFrom(0));
  requireNumber('warm.durationMs', warm.durationMs, aboveZero);
  requireNumber('warm.concurrency', warm.concurrency, wholeFrom(1));
  requireNumber('warm.warmUp', warm.warmUp, wholeFrom(0));
  requireNumber('budget.p50Ms', budget.p50Ms, aboveZero);
  requireNumber('budget.p95Ms', budget.p95Ms, aboveZero);
  requireNumber('budget.p99Ms', budget.p99Ms, aboveZero);
  requireNumber('budget.minimumRequestsPerSecond', budget.minimumRequestsPerSecond, aboveZero);
  requireNumber('baseline.tolerance', baseline?.tolerance, fromZero);
}

/** The second of two samples of one name would be recorded in place of the first. */
function checkNamesForBaseline({ baseline, samples }: SmokeTestOptions): void {
  const paths = new Map<string, string>();
  for (const { path } of baseline ? samples : []) {
    const name = sampleName(path);
    const other = paths.get(name) ?? path;
    if (other !== path) {
      throw inputError(
        `the samples ${other} and ${path} have one name, by which a baseline knows them; rename one of them, or ` +
          'test them apart, each with a baseline of its own',
      );
    }
    paths.set(name, path);
  }
}

function checkLooksAtAll({
  samples,
  warm,
  budget = {},
  minimumDaysToExpiry,
  target,
}: SmokeTestOptions): void {
  const asked = Object.values(budget).some((value) => value !== undefined);
  if (asked && warm?.count === 0 && warm.durationMs === undefined && samples.length === 1) {
    throw inputError(
      'got a latency budget and 0 calls after the first one, so that nothing can be held against it; ask for ' +
        'more calls, or leave out the budget',
    );
  }
  if (minimumDaysToExpiry !== undefined && !target.tls) {
    throw inputError(
      `minimumDaysToExpiry is ${minimumDaysToExpiry}, but the service is called without TLS and shows no ` +
        'certificate; leave it out, or call the service with TLS',
    );
  }
}
