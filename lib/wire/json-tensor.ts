import { checkedElementCount, DEFAULT_MAX_ELEMENTS, TensorFormatError } from './tensor-proto';
import { formatShape, type FloatTensor } from './tensor';

/** Nested arrays of numbers, or a number for a scalar. `null` stands for NaN and infinity, which JSON cannot represent. */
export type JsonTensor = number | null | readonly JsonTensor[];

/** Maximum number of dimensions: deeper arrays come from no model, and would exhaust the stack. */
const MAX_RANK = 8;

/**
 * Decodes nested arrays of numbers as 32-bit floats.
 * @param value parsed JSON
 * @param name how to name the value in messages: `instances`
 * @throws TensorFormatError if the arrays are ragged, too deep or too large, or an element is not a finite number
 */
export function tensorFromJson(value: unknown, name: string): FloatTensor {
  const shape: number[] = [];
  for (let first = value; Array.isArray(first); first = first[0] as unknown) {
    if (shape.length === MAX_RANK) {
      throw new TensorFormatError(`${name} has more than ${MAX_RANK} dimensions; send a flatter array`);
    }
    shape.push(first.length);
  }
  const data = new Float32Array(checkedElementCount(shape, DEFAULT_MAX_ELEMENTS));
  let filled = 0;
  const fill = (element: unknown, axis: number): void => {
    if (axis < shape.length) {
      if (!Array.isArray(element) || element.length !== shape[axis]) {
        throw new TensorFormatError(
          `${name} is not an array of shape ${formatShape(shape)}: dimension ${axis} has ` +
            `${Array.isArray(element) ? `${element.length} elements in one place` : `${typeOf(element)} in one place`}; ` +
            'send arrays of equal length',
        );
      }
      for (const each of element as unknown[]) {
        fill(each, axis + 1);
      }
      return;
    }
    if (typeof element !== 'number') {
      throw new TensorFormatError(`${name} contains ${typeOf(element)}; send finite numbers`);
    }
    data[filled] = element;
    filled += 1;
  };
  fill(value, 0);
  return { shape, data };
}

/** Encodes an array as nested arrays, in the precision of 32-bit floats. */
export function tensorToJson({ shape, data }: FloatTensor): JsonTensor {
  const nest = (axis: number, first: number, count: number): JsonTensor => {
    const size = shape[axis];
    if (axis === shape.length) {
      return jsonNumber(data[first]);
    }
    const stride = size === 0 ? 0 : count / size;
    return Array.from({ length: size }, (_, index) => nest(axis + 1, first + index * stride, stride));
  };
  return nest(0, 0, data.length);
}

/** Rounds to the nine digits that identify a 32-bit float, which has seven significant ones: 0.1, not 0.10000000149011612. */
export function jsonNumber(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : null;
}

function typeOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
