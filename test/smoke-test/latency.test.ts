import fc from 'fast-check';

import { percentile, sumUpLatency } from '../../lib/smoke-test/latency';

const calls = fc.array(fc.double({ min: 0.1, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 3000 });

describe('latency', () => {
  it('has percentiles that so many per cent of the calls do not exceed, and no lesser call does so', () => {
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 100 }), (unsorted, percent) => {
        const sorted = [...unsorted].sort((left, right) => left - right);
        const value = percentile(sorted, percent);
        const least = (percent / 100) * sorted.length;
        expect(sorted.filter((each) => each <= value).length).toBeGreaterThanOrEqual(least);
        expect(sorted.filter((each) => each < value).length).toBeLessThan(least);
      }),
    );
  });

  it('is in order from the least to the most, and reports 1,000 calls at most', () => {
    fc.assert(
      fc.property(calls, (each) => {
        const { count, minMs, p50Ms, p95Ms, p99Ms, maxMs, samplesMs } = sumUpLatency(each, 1000, 1);
        const order = [minMs, p50Ms, p95Ms, p99Ms, maxMs];
        expect(order).toEqual([...order].sort((left, right) => left - right));
        expect(samplesMs).toHaveLength(Math.min(count, 1000));
        expect(samplesMs).toEqual([...samplesMs].sort((left, right) => left - right));
      }),
    );
  });

  it('counts requests a second over the whole time, not by their latency', () => {
    expect(sumUpLatency([100, 100, 100, 100], 200, 2).requestsPerSecond).toBe(20);
  });
});
