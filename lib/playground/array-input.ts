import { InvalidInputError } from '../errors/prediction-errors';
import { elementCount, formatShape, shapesFit, type FloatTensor, type Shape } from '../wire/tensor';

const REMEDY = 'write numbers in brackets: [0.5, 1, 2]';

/**
 * Parses one input of a model from JSON. The batch dimension, which is 1, may be left out, and so may the nesting: a flat list of
 * numbers is filled into the model's shape.
 * @param expected shape of the model's input, batch first; undefined if the service does not report it
 * @throws InvalidInputError
 */
export function parseArray(json: string, expected: Shape | undefined): FloatTensor {
  const nested = parseJson(json);
  const received = shapeOf(nested);
  const data = new Float32Array(elementCount(received));
  let filled = 0;
  for (const number of numbersOf(nested, received)) {
    data[filled] = number;
    filled += 1;
  }
  const shape = withBatch(received, expected);
  if (shape?.[0] !== 1) {
    const single = expected ?? [1, ...received.slice(1)];
    throw new InvalidInputError(
      `got an array of shape ${formatShape(received)}, expected one input of shape ${formatShape([1, ...single.slice(1)])}`,
      { remedy: 'pass the numbers of one input, nested or as a flat list' },
    );
  }
  return { shape, data };
}

function parseJson(json: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new InvalidInputError(`the array is not JSON (${(cause as Error).message})`, {
      remedy: REMEDY,
      cause,
    });
  }
  if (!Array.isArray(value)) {
    throw new InvalidInputError(`got ${describe(value)}, expected an array of numbers`, { remedy: REMEDY });
  }
  return value;
}

/** Sizes along the first elements. All other elements must have the same. */
function shapeOf(nested: readonly unknown[]): number[] {
  const shape: number[] = [];
  for (let at: unknown = nested; Array.isArray(at); at = at[0]) {
    shape.push(at.length);
  }
  return shape;
}

function* numbersOf(
  value: unknown,
  [size, ...inner]: readonly [number?, ...number[]],
  path: readonly number[] = [],
): Generator<number> {
  const at = path.length === 0 ? 'the top' : `[${path.join('][')}]`;
  if (size === undefined) {
    if (typeof value !== 'number') {
      throw new InvalidInputError(`got ${describe(value)} at ${at}, expected a number`, { remedy: REMEDY });
    }
    yield value;
    return;
  }
  if (!Array.isArray(value) || value.length !== size) {
    throw new InvalidInputError(`got ${describe(value)} at ${at}, expected an array of ${size} elements`, {
      remedy: 'make all rows equally long',
    });
  }
  for (const [index, element] of value.entries()) {
    yield* numbersOf(element, inner, [...path, index]);
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) {
    return `an array of ${value.length} elements`;
  }
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : JSON.stringify(value);
}

function withBatch(received: Shape, expected: Shape | undefined): Shape | undefined {
  if (expected === undefined) {
    return received.length === 1 ? [1, ...received] : received;
  }
  const single = [1, ...expected.slice(1)];
  const candidates = [
    received,
    [1, ...received],
    ...(received.length === 1 && elementCount(single) === received[0] ? [single] : []),
  ];
  return candidates.find((shape) => shapesFit(shape, single));
}
