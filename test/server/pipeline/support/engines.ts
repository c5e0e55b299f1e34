import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

import type { FloatTensor } from '../../../../lib/wire/tensor';

/** What the engines answered for one graph and input. */
export interface Answers {
  readonly onnx: FloatTensor;
  readonly tfjs?: FloatTensor | undefined;
}

/**
 * Starts the thread that runs graphs in onnxruntime and in TensorFlow.js before the tests of a file, and ends it after them.
 * @returns asks for the answers to a message of `compare-engines.cjs`; fails if a graph was not translated
 */
export function engines(): (message: Readonly<Record<string, unknown>>) => Promise<Answers> {
  let worker: Worker;
  beforeAll(() => {
    worker = new Worker(path.join(__dirname, 'compare-engines.cjs'), { stdout: true });
  });
  afterAll(async () => {
    const ended = once(worker, 'exit');
    worker.postMessage('close');
    await ended;
  });
  return async (message) => {
    const answered = once(worker, 'message') as Promise<
      [Answers & { readonly fallback?: string; readonly error?: string }]
    >;
    worker.postMessage(message);
    const [{ error, fallback, ...answers }] = await answered;
    expect({ error, fallback }).toEqual({});
    return answers;
  };
}
