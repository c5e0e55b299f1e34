import { elementCount, formatShape, type FloatTensor } from '../../wire/tensor';
import { InvalidTensorError } from './pipeline-errors';

/**
 * Checks the array of a request.
 * @param expected dimensions with the batch first, -1 for any size; empty for any shape
 * @throws InvalidTensorError if the array has another shape, or contains NaN or an infinite value
 */
export function checkTensor({ shape, data }: FloatTensor, expected: readonly number[]): void {
  const isShape = shape.length > 0 && shape.every((size) => Number.isInteger(size) && size >= 0);
  const fits =
    expected.length === 0 ||
    (shape.length === expected.length && expected.every((size, index) => size < 0 || size === shape[index]));
  if (!isShape || !fits) {
    const wanted =
      expected.length === 0 ? '[n, …], the batch first' : `${formatShape(expected)} with n as the batch`;
    throw new InvalidTensorError(`got an array of shape ${formatShape(shape)}, expected ${wanted}`);
  }
  if (elementCount(shape) !== data.length) {
    throw new InvalidTensorError(
      `got ${data.length} numbers for the shape ${formatShape(shape)}, expected ${elementCount(shape)}; send one number per element`,
    );
  }
  const position = data.findIndex((value) => !Number.isFinite(value));
  if (position >= 0) {
    throw new InvalidTensorError(
      `got ${data[position] ?? NaN} at ${formatPosition(position, shape)}; send finite numbers`,
    );
  }
}

/** Formats the position of an element, counted from 0: `[0, 3, 5, 2]`. */
function formatPosition(position: number, shape: readonly number[]): string {
  const indices: number[] = [];
  let rest = position;
  for (const size of [...shape].reverse()) {
    indices.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${indices.join(', ')}]`;
}
