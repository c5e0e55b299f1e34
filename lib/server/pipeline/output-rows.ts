import { elementCount, formatShape, type FloatTensor } from '../../wire/tensor';

/**
 * A model's output shape as it is answered: sizes of 1 between the batch and the classes
 * (`[n, 1, 1, 1000]`) are left out, and one number a row becomes `[n, 1]`.
 */
export function rowShape(shape: readonly number[]): readonly number[] {
  if (shape.length === 0) {
    return [];
  }
  const sizes = shape.slice(1).filter((size) => size !== 1);
  // What is larger in two directions is no list of classes, and stays as it is.
  return sizes.length > 1 ? shape : [shape[0] ?? -1, sizes[0] ?? 1];
}

/** @throws RangeError when a tensor has not `rows` rows, which loading has ruled out where it could */
export function toRows(tensor: FloatTensor, rows: number): FloatTensor {
  const shape = rowShape(tensor.shape);
  if (shape[0] !== rows || elementCount(shape) !== tensor.data.length) {
    throw new RangeError(`the last stage answers ${formatShape(tensor.shape)} for a batch of ${rows}`);
  }
  return { shape, data: tensor.data };
}
