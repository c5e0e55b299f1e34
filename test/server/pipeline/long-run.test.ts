import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { ServiceDefinition, Stage } from '../../../lib/service-definition';
import { onnxModel } from './support/onnx-model';

const run = promisify(execFile);

let folder: string;
let definition: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-'));
  const model = path.join(folder, 'determinant.onnx');
  definition = path.join(folder, 'model.zip');
  await writeFile(
    model,
    onnxModel({
      op: 'Det',
      inputs: [{ name: 'x', shape: ['n', 'size', 'size'] }],
      outputs: [{ name: 'y', shape: ['n'] }],
    }),
  );
  const stage = Stage.onnx({ name: 'determinant', path: model, inputTensor: 'x', outputTensor: 'y' });
  new ServiceDefinition({ stages: [stage] }).save(definition);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

// Node.js ends with an error if a native module throws after its thread was terminated.
test.each(['close', 'exit'])(
  'a run in ONNX Runtime that takes too long does not end the process: %s',
  async (end) => {
    const script = path.join(__dirname, 'support/long-run.cjs');
    const { stdout } = await run(process.execPath, [script, definition, end]);
    expect(stdout).toBe('WORKER_CRASHED\n');
  },
);
