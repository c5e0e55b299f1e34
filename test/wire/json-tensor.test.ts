import fc from 'fast-check';

import { tensorFromJson, tensorToJson } from '../../lib/wire/json-tensor';
import { elementCount } from '../../lib/wire/tensor';
import { TensorFormatError } from '../../lib/wire/tensor-proto';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
const tensors = fc
  .array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 })
  .chain((shape) =>
    fc
      .array(finite, { minLength: elementCount(shape), maxLength: elementCount(shape) })
      .map((numbers) => ({ shape, data: Float32Array.from(numbers) })),
  );

it('an array is the same, to the bit, after it was written as JSON and read', () => {
  fc.assert(
    fc.property(tensors, ({ shape, data }) => {
      const read = tensorFromJson(JSON.parse(JSON.stringify(tensorToJson({ shape, data }))), 'inputs');
      expect(read.shape).toEqual(shape);
      // JSON has no negative zero.
      expect(Array.from(read.data, (value) => value + 0)).toEqual(Array.from(data, (value) => value + 0));
    }),
  );
});

it('any JSON is read or rejected with a sentence', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 10 }), (value) => {
      const outcome = outcomeOf(() => tensorFromJson(value, 'inputs'));
      expect(
        outcome instanceof Error
          ? outcome instanceof TensorFormatError && /; (send|set) /.test(outcome.message)
          : outcome.data.length === elementCount(outcome.shape),
      ).toBe(true);
    }),
  );
});

it('numbers are written as short as a 32-bit float permits, and NaN as null', () => {
  const data = Float32Array.of(0.1, 0.5, NaN, 16_777_216);
  expect(JSON.stringify(tensorToJson({ shape: [2, 2], data }))).toBe('[[0.100000001,0.5],[null,16777216]]');
});

it.each([
  [
    [[1, 2], [3]],
    'inputs is not an array of shape [2, 2]: dimension 1 has 1 elements in one place; send arrays of equal length',
  ],
  [
    [[1], 2],
    'inputs is not an array of shape [2, 1]: dimension 1 has a number in one place; send arrays of equal length',
  ],
  [[1, [2]], 'inputs contains an array; send finite numbers'],
  [[1, null], 'inputs contains null; send finite numbers'],
  [['1'], 'inputs contains a string; send finite numbers'],
  [[[[[[[[[[1]]]]]]]]], 'inputs has more than 8 dimensions; send a flatter array'],
])('%j is rejected', (value, message) => {
  expect(() => tensorFromJson(value, 'inputs')).toThrow(message);
});

it('memory grows with the request, not with the shape of its first element', () => {
  const wide = Array.from({ length: 10_000 }, () => [] as number[]);
  wide[0] = Array.from({ length: 10_000 }, () => 1);
  expect(() => tensorFromJson(wide, 'inputs')).toThrow(
    'got a tensor of shape [10000, 10000], which has 100000000 elements, expected at most 16777216',
  );
});

function outcomeOf<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error as Error;
  }
}
