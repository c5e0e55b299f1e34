/**
 * An array of 32-bit floats in row-major order, as it passes between stages.
 */
export interface FloatTensor {
  /** Sizes of the dimensions, the batch first: `[n, height, width, channels]` for images. */
  readonly shape: readonly number[];
  /** The elements; as many as the product of `shape`. */
  readonly data: Float32Array;
}

/** How many elements a tensor of this shape has. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A shape as messages show it: `[1, 224, 224, 3]`, with `n` for a size that is not known (-1). */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.map((size) => (size < 0 ? 'n' : String(size))).join(', ')}]`;
}
