import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { FloatTensor } from '../../../../lib/wire/tensor';
import { engines } from '../support/engines';

interface RecordedArray {
  readonly shape: readonly number[];
  /** float32, little-endian, as base64. */
  readonly data: string;
}

/** What `tensorflow/record.py` writes. */
interface Recorded {
  readonly tensorflow: string;
  readonly graphs: Readonly<
    Record<string, { readonly graph: string; readonly x: RecordedArray; readonly y: RecordedArray }>
  >;
}

const { tensorflow, graphs } = JSON.parse(
  readFileSync(path.join(__dirname, 'tensorflow/answers.json'), 'utf8'),
) as Recorded;

const ask = engines();

function tensor({ shape, data }: RecordedArray): FloatTensor {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return { shape, data: new Float32Array(bytes.buffer) };
}

describe(`a translated graph answers like TensorFlow ${tensorflow}`, () => {
  test.each(Object.entries(graphs))('%s', async (_name, { graph, x, y }) => {
    const { onnx } = await ask({ file: Buffer.from(graph, 'base64'), ...tensor(x), withTfjs: false });
    const expected = tensor(y);
    expect(onnx.shape).toEqual(expected.shape);
    const differences = expected.data.map((value, index) => Math.abs(value - onnx.data[index]));
    const largest = Math.max(...expected.data.map(Math.abs));
    expect(Math.max(...differences)).toBeLessThan(2e-6 * Math.max(largest, 1));
  });
});
