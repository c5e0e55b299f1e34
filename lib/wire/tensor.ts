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

/** Whether one shape is the other with channels before rows and columns: `[n, 3, 224, 224]` and `[n, 224, 224, 3]`. */
export function isPlanar(shape: Shape, interleaved: Shape): boolean {
  const [, channels = -1, height = -1, width = -1] = shape;
  return shape.length === 4 && shapesFit([height, width, channels], interleaved.slice(1));
}
