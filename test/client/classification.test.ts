import fc from 'fast-check';

import { topClasses } from '../../lib/client/classification';
import { InvalidInputError } from '../../lib/errors/prediction-errors';

describe('the top classes', () => {
  it('are the most probable ones with their labels, in descending order', () => {
    expect(
      topClasses(new Float32Array([0.25, 0.5, 0.125]), { labels: ['cat', 'dog', 'cup'], top: 2 }),
    ).toEqual([
      { classIndex: 1, label: 'dog', probability: 0.5 },
      { classIndex: 0, label: 'cat', probability: 0.25 },
    ]);
  });

  it('are 5 by default, and have no labels if none are set', () => {
    const classes = topClasses(new Float32Array(9));
    expect(classes.map(({ classIndex }) => classIndex)).toEqual([0, 1, 2, 3, 4]);
    expect(classes[0]).not.toHaveProperty('label');
  });

  it('never put a lower probability first, and NaN last', () => {
    fc.assert(
      fc.property(fc.float32Array({ min: 0, max: 1, maxLength: 20 }), (probabilities) => {
        const shown = topClasses(probabilities, { top: 20 }).map(({ probability }) => probability);
        const numbers = shown.filter((probability) => !Number.isNaN(probability));
        expect(shown.slice(0, numbers.length)).toEqual(numbers);
        expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
      }),
    );
  });

  it('are rejected with labels of another model', () => {
    expect(() => topClasses(new Float32Array(3), { labels: ['background', 'cat'] })).toThrow(
      new InvalidInputError(
        'got 2 labels for 3 classes; pass one label per class, in the order used for training',
      ),
    );
  });

  it.each([0, -1, 1.5, NaN])('are rejected %s at a time', (top) => {
    expect(() => topClasses(new Float32Array(3), { top })).toThrow(
      `top is ${top}; expected a whole number of at least 1`,
    );
  });

  it('are rejected with a misspelled option', () => {
    expect(() => topClasses(new Float32Array(3), { lables: ['a', 'b', 'c'] } as object)).toThrow(
      'unknown property lables; did you mean labels?',
    );
  });
});
