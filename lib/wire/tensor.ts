/** Sizes of a tensor's dimensions, the batch first; -1 for a size that is not known. */
export type Shape = readonly number[];

/** An array of 32-bit floats in row-major order, as it passes between stages. */
export interface FloatTensor {
  /** Sizes of the dimensions, the batch first: `[n, height, width, channels]` for images. */
  readonly shape: Shape;
  /** Elements; as many as the product of `shape`. */
  readonly data: Float32Array;
}

/** Number of elements of a tensor of this shape. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A shape as messages show it: `[1, 224, 224, 3]`, with `n` for a size that is not known. */
export function formatShape(shape: Shape): string {
  return `[${shape.map((size) => (size < 0 ? 'n' : String(size))).join(', ')}]`;
}

/** Whether two shapes agree in every size that both know. */
export function shapesFit(left: Shape, right: Shape): boolean {
  return (
    left.length === right.length &&
    left.every((size, axis) => size < 0 || (right[axis] ?? -1) < 0 || size === right[axis])
  );
}

/** Node that computes a TensorFlow tensor: `features` for `features:0`. */
export function nodeName(tensor: string): string {
  return tensor.replace(/:\d+$/, '');
}
