import { setMaxListeners } from 'node:events';

import { elementCount, formatShape, type FloatTensor } from '../../../wire/tensor';
import type { StageTensor } from '../named-outputs';

/** Small parts let other requests run in between and limit the memory for intermediate results. */
export const DEFAULT_PART_ROWS = 8;

/** A batch that can be split. */
export interface Batch<Part> {
  readonly rows: number;
  /** The whole batch as one part. */
  readonly whole: Part;
  /** @returns a part that shares no memory with others */
  readonly slice: (start: number, count: number) => Part;
}

/** Rows of an array. */
export function tensorBatch(tensor: FloatTensor): Batch<FloatTensor> {
  const [rows = 0, ...sizes] = tensor.shape;
  const rowSize = elementCount(sizes);
  return {
    rows,
    whole: tensor,
    slice: (start, count) => ({
      shape: [count, ...sizes],
      data: tensor.data.slice(start * rowSize, (start + count) * rowSize),
    }),
  };
}

/**
 * Distributes the rows of a batch over workers and concatenates the results in order. If a part fails, parts that have
 * not started are canceled.
 * @param workers number of parts that can run in parallel
 * @param maxRows maximum number of rows per part
 */
export async function runInParts<Part>(
  { rows, whole, slice }: Batch<Part>,
  workers: number,
  run: (part: Part, signal?: AbortSignal) => Promise<StageTensor>,
  signal?: AbortSignal,
  maxRows = DEFAULT_PART_ROWS,
): Promise<StageTensor> {
  const partRows = Math.min(maxRows, Math.ceil(rows / workers));
  if (partRows >= rows) {
    return run(whole, signal);
  }

  const failed = new AbortController();
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  // Every part adds a listener. Without this, Node.js warns of a leak for large batches.
  setMaxListeners(0, either);
  const parts: Promise<StageTensor>[] = [];
  for (let start = 0; start < rows; start += partRows) {
    parts.push(run(slice(start, Math.min(partRows, rows - start)), either));
  }
  try {
    return concatenate(await Promise.all(parts), rows);
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}

function concatenate(parts: readonly StageTensor[], rows: number): StageTensor {
  const shape = [rows, ...(parts[0]?.shape.slice(1) ?? [])];
  const data = new Float32Array(elementCount(shape));
  let at = 0;
  for (const part of parts) {
    if (part.data.length + at > data.length) {
      throw new RangeError(
        `the parts of a batch have different shapes: ${formatShape(part.shape)} and ${formatShape(shape)}`,
      );
    }
    data.set(part.data, at);
    at += part.data.length;
  }
  const outputs = parts[0]?.parts;
  return { shape, data, ...(outputs && { parts: outputs }) };
}
