import fc from 'fast-check';

import { latencyHistogram } from '../../../lib/smoke-test/reports/latency-histogram';
import { latencySparkline } from '../../../lib/smoke-test/reports/latency-histogram';

const latencies = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });

describe('the histogram of latencies', () => {
  it('counts each call in the bin that its milliseconds are in', () => {
    expect(latencyHistogram([20, 21, 21.9, 26], 8)).toEqual({
      startMs: 20,
      widthMs: 1,
      counts: [1, 2, 0, 0, 0, 0, 1],
    });
  });

  it('has bins whose ends can be read', () => {
    expect(latencyHistogram([17.2, 46.3], 40).widthMs).toBe(1);
    expect(latencyHistogram([170.2, 1046.3], 40).widthMs).toBe(50);
    expect(latencyHistogram([0.31, 0.38], 40).widthMs).toBeCloseTo(0.005);
  });

  it('counts every call once, in no more bins than there may be, none of them empty at an end', () => {
    fc.assert(
      fc.property(latencies, fc.integer({ min: 2, max: 60 }), (samples, maximumBins) => {
        const { startMs, widthMs, counts } = latencyHistogram(samples, maximumBins);
        expect(counts.reduce((sum, count) => sum + count)).toBe(samples.length);
        expect(counts.length).toBeLessThanOrEqual(maximumBins);
        expect(counts[0]).toBeGreaterThan(0);
        expect(counts.at(-1)).toBeGreaterThan(0);
        expect(startMs).toBeLessThanOrEqual(Math.min(...samples));
        expect(startMs + widthMs).toBeGreaterThanOrEqual(Math.min(...samples));
      }),
    );
  });

  it('is drawn in one line in which every call is seen', () => {
    expect(latencySparkline([1, 1, 1, 1, 2, 2, 24])).toBe(`█▄${' '.repeat(21)}▂`);
    fc.assert(
      fc.property(latencies, (samples) => {
        const { counts } = latencyHistogram(samples, 24);
        const drawn = latencySparkline(samples);
        expect(Array.from(drawn, (block) => block !== ' ')).toEqual(counts.map((count) => count > 0));
      }),
    );
  });
});
