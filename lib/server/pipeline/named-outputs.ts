import { elementCount, formatShape, type FloatTensor, type Shape } from '../../wire/tensor';

/** One of several outputs of a model. */
export interface OutputPart {
  readonly name: string;
  /** Dimensions of one row, without the batch. Empty for a scalar per row, and if the dimensions are unknown. */
  readonly shape: Shape;
}

/**
 * Tensor that a stage returns. A stage with several outputs returns one tensor `[n, elements of all outputs]`, whose rows
 * contain the outputs one after the other, so that batches are split and joined in the same way for all stages.
 */
export interface StageTensor extends FloatTensor {
  /** Outputs in the order of their elements; `undefined` for a single output. */
  readonly parts?: readonly OutputPart[] | undefined;
}

/**
 * Packs the outputs of a model into one tensor.
 * @throws Error if the outputs have different numbers of rows
 */
export function packOutputs(outputs: readonly (readonly [name: string, tensor: FloatTensor])[]): StageTensor {
  const parts = outputs.map(([name, { shape }]) => ({ name, shape: shape.slice(1) }));
  const rows = outputs[0]?.[1].shape[0] ?? 0;
  for (const [name, { shape }] of outputs) {
    if (shape.length === 0 || shape[0] !== rows) {
      throw new Error(
        `output '${name}' has the shape ${formatShape(shape)}, expected the batch of ${rows} as its first dimension`,
      );
    }
  }
  const width = parts.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const data = new Float32Array(rows * width);
  let column = 0;
  for (const [, tensor] of outputs) {
    const count = elementCount(tensor.shape.slice(1));
    for (let row = 0; row < rows; row += 1) {
      data.set(tensor.data.subarray(row * count, (row + 1) * count), row * width + column);
    }
    column += count;
  }
  return { shape: [rows, width], data, parts };
}

/** Returns the outputs that a tensor packs, by name. */
export function unpackOutputs({ shape, data, parts = [] }: StageTensor): ReadonlyMap<string, FloatTensor> {
  const [rows = 0, width = 0] = shape;
  let column = 0;
  return new Map(
    parts.map((part) => {
      const count = elementCount(part.shape);
      const values = new Float32Array(rows * count);
      for (let row = 0; row < rows; row += 1) {
        const start = row * width + column;
        values.set(data.subarray(start, start + count), row * count);
      }
      column += count;
      return [part.name, { shape: [rows, ...part.shape], data: values }];
    }),
  );
}
