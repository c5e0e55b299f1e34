import fc from 'fast-check';

import { parseArray } from '../../lib/playground/array-input';

function nest(numbers: readonly number[], shape: readonly number[]): unknown {
  const [size, ...inner] = shape as readonly [number | undefined, ...number[]];
  const part = numbers.length / (size ?? 1);
  return size === undefined
    ? numbers[0]
    : Array.from({ length: size }, (_, index) =>
        nest(numbers.slice(index * part, (index + 1) * part), inner),
      );
}

describe('an array of the playground', () => {
  it('is the same nested with and without the batch, and flat', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shapes, (shape) => {
        const numbers = Array.from(
          { length: shape.reduce((product, size) => product * size, 1) },
          (_, index) => index,
        );
        const expected = { shape: [1, ...shape], data: Float32Array.from(numbers) };
        for (const written of [[nest(numbers, shape)], nest(numbers, shape), numbers]) {
          expect(parseArray(JSON.stringify(written), [-1, ...shape])).toEqual(expected);
        }
      }),
    );
  });

  it('has a batch of one if the model reports no shape', () => {
    expect(parseArray('[1, 2]', undefined).shape).toEqual([1, 2]);
    expect(parseArray('[[1, 2]]', undefined).shape).toEqual([1, 2]);
    expect(() => parseArray('[[1], [2]]', undefined)).toThrow(
      /of shape \[2, 1\], expected one input of shape \[1, 1\]/,
    );
  });

  it.each([
    ['[1, 2', /^the array is not JSON \(.+\); write numbers in brackets: \[0\.5, 1, 2\]$/],
    ['{"a": 1}', /^got an object, expected an array of numbers; /],
    ['[1, "2"]', /^got "2" at \[1\], expected a number; /],
    ['[1, null]', /^got null at \[1\], expected a number; /],
    [
      '[[1, 2], [3]]',
      /^got an array of 1 elements at \[1\], expected an array of 2 elements; make all rows equally long$/,
    ],
    ['[[1, 2, 3], [4, 5, 6]]', /^got an array of shape \[2, 3\], expected one input of shape \[1, 3\]; /],
    ['[]', /^got an array of shape \[0\], expected one input of shape \[1, 3\]; /],
  ])('says what is wrong with %s', (json, message) => {
    expect(() => parseArray(json, [-1, 3])).toThrow(message);
  });
});
