import fc from 'fast-check';

import { SmokeTestError } from '../../lib/smoke-test';
import { parseBaseline } from '../../lib/smoke-test/baseline-file';

describe("a baseline's file", () => {
  it('is rejected with the remedy for any other content', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => parseBaseline(text, 'baseline.json')).toThrow(SmokeTestError);
      }),
    );
    expect(() => parseBaseline('{}', 'baseline.json')).toThrow(
      /^the baseline baseline\.json is invalid \(.*; record it again with updateBaseline$/s,
    );
  });
});
