import { elementCount, formatShape, type FloatTensor } from '../../../wire/tensor';
import type { Engine } from '../engine/engine';
import type { StageTensor } from '../named-outputs';

/**
 * Runs an engine on any number of rows. A model that was exported for a fixed batch size (often 1) runs several times,
 * and the last batch is padded with zeros.
 * @throws Error if the output does not have one row per row of the input
 */
export async function runInBatches(
  engine: Pick<Engine, 'input' | 'run'>,
  tensor: FloatTensor,
): Promise<StageTensor> {
  const rows = tensor.shape[0] ?? 0;
  const fixed = engine.input.shape[0] ?? -1;
  if (fixed < 1 || fixed === rows) {
    return checkRows(await engine.run(tensor), rows);
  }

  const inputRow = elementCount(tensor.shape.slice(1));
  let shape: readonly number[] = [];
  let parts: StageTensor['parts'];
  let data = new Float32Array(0);
  for (let start = 0; start < rows; start += fixed) {
    const part = new Float32Array(fixed * inputRow);
    part.set(tensor.data.subarray(start * inputRow, (start + fixed) * inputRow));
    const result = checkRows(
      await engine.run({ shape: [fixed, ...tensor.shape.slice(1)], data: part }),
      fixed,
    );
    const outputRow = elementCount(result.shape.slice(1));
    if (start === 0) {
      shape = [rows, ...result.shape.slice(1)];
      parts = result.parts;
      data = new Float32Array(rows * outputRow);
    }
    data.set(result.data.subarray(0, Math.min(fixed, rows - start) * outputRow), start * outputRow);
  }
  return { shape, data, ...(parts && { parts }) };
}

function checkRows(result: StageTensor, rows: number): StageTensor {
  if (result.shape[0] === rows) {
    return result;
  }
  throw new Error(
    `it returned ${formatShape(result.shape)} for a batch of ${rows}; export the model with the batch as the ` +
      "output's first dimension",
  );
}
