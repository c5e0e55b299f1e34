import fc from 'fast-check';

import { topClasses } from '../../lib/client/classification';
import { driftOfAnswer, driftOfClasses, recordClasses } from '../../lib/smoke-test/baseline';

const probabilities = fc
  .array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 })
  .map((values) => Float32Array.from(values));
const all = (values: Float32Array) => topClasses(values, { top: values.length });

describe('the drift of an image from its baseline', () => {
  it('is nothing but rounding for the same answer', () => {
    fc.assert(
      fc.property(probabilities, (values) => {
        expect(driftOfClasses(all(values), recordClasses(all(values)))).toBeLessThan(1e-6);
      }),
    );
  });

  it('is the largest difference of any class, also of one that was too little to be recorded', () => {
    fc.assert(
      fc.property(
        probabilities,
        fc.nat(),
        fc.float({ min: Math.fround(0.01), max: 1, noNaN: true }),
        (values, index, by) => {
          const changed = values.slice();
          changed[index % values.length] += by;
          expect(Math.abs(driftOfClasses(all(changed), recordClasses(all(values))) - by)).toBeLessThan(
            0.0011,
          );
        },
      ),
    );
  });

  it('is infinite if the model has fewer classes, or the baseline contains JSON', () => {
    expect(driftOfClasses(all(Float32Array.of(1)), { classes: { 3: 0.5 } })).toBe(Infinity);
    expect(driftOfClasses(all(Float32Array.of(1)), { answer: [1] })).toBe(Infinity);
  });

  it('does not hide a probability that is NaN', () => {
    const drift = driftOfClasses(all(Float32Array.of(NaN, 1)), { classes: { 0: 0.5, 1: 1 } });
    expect(drift <= 0.02).toBe(false);
  });
});

describe('the drift of a JSON answer', () => {
  it('is nothing for the same JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const same = JSON.parse(JSON.stringify(value)) as unknown;
        expect(driftOfAnswer(same, { answer: value })).toBe(0);
      }),
    );
  });

  it.each([
    [[1, [2, 3.5]], [1, [2, 3]], 0.5],
    [{ a: 1, b: 'x' }, { b: 'x', a: 3 }, 2],
    [{ a: 1 }, { a: 1, b: 2 }, Infinity],
    [['x'], ['y'], Infinity],
    [[], {}, Infinity],
    [null, 0, Infinity],
  ])('from %j to %j', (now, before, drift) => {
    expect(driftOfAnswer(now, { answer: before })).toBe(drift);
  });
});
