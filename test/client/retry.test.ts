import fc from 'fast-check';

import { backoffMs, defaultRetryPolicy } from '../../lib/client/retry';

describe('the wait before a retry', () => {
  it('doubles each time up to the longest', () => {
    expect([1, 2, 3, 4, 5, 6].map((failed) => backoffMs(defaultRetryPolicy, failed, 0.5))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  it('differs by chance by a fifth at most', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
        const wait = backoffMs(defaultRetryPolicy, 2, random);
        expect(wait).toBeGreaterThanOrEqual(160 - 1e-9);
        expect(wait).toBeLessThanOrEqual(240 + 1e-9);
      }),
    );
  });
});
