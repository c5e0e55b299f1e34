/** A dimension: its size, or a name that stands for an unknown size. Equal names stand for equal sizes. */
export type Dim = number | string;

/** Dimensions of a tensor; `undefined` if their number is unknown. */
export type Dims = readonly Dim[] | undefined;

/** Number of elements, if every dimension is known. */
export function countOf(dims: readonly Dim[]): number | undefined {
  return dims.every((dim) => typeof dim === 'number')
    ? dims.reduce((product, dim) => product * dim, 1)
    : undefined;
}

/**
 * Shape of an element-wise operation's result.
 * @throws RangeError if the shapes do not fit each other
 */
export function broadcast(left: Dims, right: Dims): Dims {
  if (left === undefined || right === undefined) {
    return undefined;
  }
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, index) => {
    const a = left[index - rank + left.length] ?? 1;
    const b = right[index - rank + right.length] ?? 1;
    if (a === 1 || b === 1) {
      return a === 1 ? b : a;
    }
    if (typeof a === 'number' && typeof b === 'number' && a !== b) {
      throw new RangeError(`the shapes [${left.join(', ')}] and [${right.join(', ')}] do not fit each other`);
    }
    return typeof a === 'number' ? a : b;
  });
}

/** An axis counted from the start. */
export function fromStart(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Applies a permutation: element `i` of the result is element `order[i]` of the list. */
export function permute<Element>(list: readonly Element[], order: readonly number[]): Element[] {
  return order.map((index) => list[index]);
}

type Numbers = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

// Elements of a tile along each axis: two tiles of floats fit into a core's first cache.
const TILE = 32;

/** Transposes a dense array of at least one dimension. */
export function transposeData<Data extends Numbers>(
  data: Data,
  shape: readonly number[],
  order: readonly number[],
): Data {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = permute(shape, order);
  const from = permute(strides, order);
  const to = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, 1));
  const result = new (data.constructor as new (length: number) => Data)(data.length);
  // Weights have millions of elements. Tiles of the two axes that are dense in the source and in the result keep both in the cache.
  const fast = [order.indexOf(shape.length - 1), order.length - 1];
  const outer = sizes.map((_, axis) => axis).filter((axis) => !fast.includes(axis));
  const [column, row] = fast;
  const [columns, rows] = [sizes[column], row === column ? 1 : sizes[row]];
  const [fromColumn, fromRow, toColumn, toRow] = [from[column], from[row], to[column], to[row]];
  const count = outer.reduce((product, axis) => product * sizes[axis], 1);
  const index = outer.map(() => 0);
  let [source, target] = [0, 0];
  for (let step = 0; step < count; step += 1) {
    for (let top = 0; top < rows; top += TILE) {
      for (let left = 0; left < columns; left += TILE) {
        const [bottom, right] = [Math.min(top + TILE, rows), Math.min(left + TILE, columns)];
        for (let y = top; y < bottom; y += 1) {
          for (let x = left; x < right; x += 1) {
            result[target + y * toRow + x * toColumn] = data[source + y * fromRow + x * fromColumn];
          }
        }
      }
    }
    for (let place = outer.length - 1; place >= 0; place -= 1) {
      const axis = outer[place];
      index[place] += 1;
      source += from[axis];
      target += to[axis];
      if (index[place] < sizes[axis]) {
        break;
      }
      source -= from[axis] * sizes[axis];
      target -= to[axis] * sizes[axis];
      index[place] = 0;
    }
  }
  return result;
}
