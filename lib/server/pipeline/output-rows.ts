import { elementCount, formatShape } from '../../wire/tensor';
import type { StageTensor } from './named-outputs';

/**
 * Returns the shape in which a model's output is returned: dimensions of 1 between the batch and the classes
 * (`[n, 1, 1, 1000]`) are dropped, and one number per row becomes `[n, 1]`.
 */
export function rowShape(shape: readonly number[]): readonly number[] {
  if (shape.length === 0) {
    return [];
  }
  const sizes = shape.slice(1).filter((size) => size !== 1);
  // An output with two dimensions above 1 is not a list of classes and stays unchanged.
  return sizes.length > 1 ? shape : [shape[0] ?? -1, sizes[0] ?? 1];
}

/** @throws RangeError if the tensor does not have `rows` rows. Loading rules this out if the shapes are known. */
export function toRows(tensor: StageTensor, rows: number): StageTensor {
  const shape = rowShape(tensor.shape);
  if (shape[0] !== rows || elementCount(shape) !== tensor.data.length) {
    throw new RangeError(`the last stage returned ${formatShape(tensor.shape)} for a batch of ${rows}`);
  }
  return { ...tensor, shape };
}
