/** Dimensions of a tensor, batch first; -1 if unknown. */
export type Shape = readonly number[];

/** An array of 32-bit floats in row-major order, as passed between stages. */
export interface FloatTensor {
  /** Dimensions, batch first: `[n, height, width, channels]` for images. */
  readonly shape: Shape;
  /** Elements. Their number is the product of `shape`. */
  readonly data: Float32Array;
}

/** Returns the number of elements of a tensor of this shape. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Formats a shape for messages: `[1, 224, 224, 3]`, with `n` for an unknown dimension. */
export function formatShape(shape: Shape): string {
  return `[${shape.map((size) => (size < 0 ? 'n' : String(size))).join(', ')}]`;
}

/** Returns whether two shapes agree in every dimension that both know. */
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
