import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import type { BrainwaveStageJson } from '../../lib/service-definition/service-definition-json';
import type { ServiceDefinitionContent } from '../../lib/service-definition/service-definition-content';
import { wireVersion } from '../../lib/wire/model-version';
import { writeServiceDefinition } from '../../lib/service-definition';
import { TritonRepositoryError, tritonRepository } from '../../lib/triton/triton-repository';
import { onnxModel, type OnnxModelOptions } from '../server/pipeline/support/onnx-model';
import { sampleServiceDefinition } from '../support/sample-service-definition';

const command = path.resolve(__dirname, '../../dist/lib/cli/main.js');
const run = promisify(execFile);

function stage(properties: Partial<BrainwaveStageJson> = {}): BrainwaveStageJson {
  return {
    type: 'brainwave',
    name: 'features',
    model_ref: 'pets',
    model_version: '1',
    output_tensor_dims: [1, 8],
    software: { type: 'onnx', model_path: 'features.onnx', input_tensor: 'x', output_tensor: 'y' },
    ...properties,
  };
}

function content(
  stages: BrainwaveStageJson[],
  model: Partial<OnnxModelOptions> = {},
): ServiceDefinitionContent {
  const file = onnxModel({
    op: 'Identity',
    inputs: [{ name: 'x', shape: ['n', 4] }],
    outputs: [{ name: 'y', shape: ['n', 8] }],
    ...model,
  });
  return {
    definition: { aml_runtime_version: '1.0', pipeline: stages },
    files: new Map([['features.onnx', file]]),
  };
}

function text(files: ReadonlyMap<string, Uint8Array>, name: string): string {
  return Buffer.from(files.get(name) ?? []).toString();
}

function refusal(stages: BrainwaveStageJson[], model?: Partial<OnnxModelOptions>): string {
  try {
    tritonRepository(content(stages, model));
  } catch (error) {
    expect(error).toBeInstanceOf(TritonRepositoryError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

describe("Triton's model repository", () => {
  it('lists the outputs of a stage that has several', () => {
    const outputs = [
      { name: 'b', shape: ['n', 2, 4] },
      { name: 's', shape: ['n', 2] },
    ];
    const several = stage({
      output_tensor_dims: undefined,
      output_tensors_dims: { boxes: [1, 2, 4], scores: [1, 2] },
      software: {
        type: 'onnx',
        model_path: 'features.onnx',
        input_tensor: 'x',
        output_tensors: { boxes: 'b', scores: 's' },
      },
    });
    expect(text(tritonRepository(content([several], { outputs })), 'pets/config.pbtxt')).toContain(
      [
        'output [',
        '  { name: "b" data_type: TYPE_FP32 dims: [ 2, 4 ] },',
        '  { name: "s" data_type: TYPE_FP32 dims: [ 2 ] }',
        ']',
      ].join('\n'),
    );
  });

  it('holds each accelerated stage by the name and version that the scoring server asks for', () => {
    const files = tritonRepository(sampleServiceDefinition()._content);

    expect([...files.keys()]).toEqual(['efficientnet-lite0/config.pbtxt', 'efficientnet-lite0/1/model.onnx']);
    expect(text(files, 'efficientnet-lite0/config.pbtxt')).toBe(
      [
        'name: "efficientnet-lite0"',
        'platform: "onnxruntime_onnx"',
        'max_batch_size: 64',
        'input [',
        '  { name: "image" data_type: TYPE_FP32 dims: [ 224, 224, 3 ] }',
        ']',
        'output [',
        '  { name: "features" data_type: TYPE_FP32 dims: [ 1, 1, 1280 ] }',
        ']',
        'dynamic_batching { }',
        '',
      ].join('\n'),
    );
  });

  it('numbers a version that is not a number as the wire does', () => {
    const files = tritonRepository(content([stage({ model_version: '1.1.6-rc' })]));

    expect([...files.keys()]).toContain(`pets/${wireVersion('1.1.6-rc')}/model.onnx`);
    expect(wireVersion('1.1.6-rc')).not.toBe(wireVersion('1.1.6'));
  });

  it('does not batch a model whose batch is fixed', () => {
    const files = tritonRepository(
      content([stage()], {
        inputs: [{ name: 'x', shape: [1, 4] }],
        outputs: [{ name: 'y', shape: [1, 8] }],
      }),
    );

    expect(text(files, 'pets/config.pbtxt')).toContain('max_batch_size: 0');
    expect(text(files, 'pets/config.pbtxt')).toContain('dims: [ 1, 4 ]');
    expect(text(files, 'pets/config.pbtxt')).not.toContain('dynamic_batching');
  });

  it('is empty where no stage is accelerated', () => {
    expect(tritonRepository(content([])).size).toBe(0);
  });

  it('keeps a name from breaking out of its quotes', () => {
    const odd = 'x" } ] evil: [ "';
    const files = tritonRepository(
      content(
        [
          stage({
            software: { type: 'onnx', model_path: 'features.onnx', input_tensor: odd, output_tensor: 'y' },
          }),
        ],
        { inputs: [{ name: odd, shape: ['n', 4] }] },
      ),
    );

    expect(text(files, 'pets/config.pbtxt')).toContain('name: "x\\" } ] evil: [ \\""');
  });

  it('rejects what Triton could not run, and reports what to change', () => {
    expect(refusal([stage({ software: undefined })])).toBe(
      'stage "features": it has no software for Triton to run; set software to an ONNX file or a frozen GraphDef',
    );
    expect(refusal([stage({ model_version: '0' })])).toBe(
      'stage "features": model_version is "0"; Triton accepts whole numbers of at least 1',
    );
    expect(refusal([stage({ model_ref: '../pets' })])).toContain('model_ref is "../pets"');
    expect(refusal([stage(), stage({ name: 'again' })])).toBe(
      'stage "again": another stage also runs "pets"; change the model_ref of one of them',
    );
    expect(refusal([stage()], { outputs: [{ name: 'y', shape: [] }] })).toContain(
      'features.onnx does not declare the shape of "y"',
    );
  });

  it('is written by the command that a pod starts with', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'triton-'));
    try {
      const zip = path.join(folder, 'model.zip');
      await writeFile(zip, writeServiceDefinition(content([stage()])));
      await run(process.execPath, [
        command,
        'triton-repository',
        '--model',
        zip,
        '--output',
        path.join(folder, 'models'),
      ]);

      expect((await readdir(path.join(folder, 'models/pets'))).sort()).toEqual(['1', 'config.pbtxt']);
      expect(await readFile(path.join(folder, 'models/pets/1/model.onnx'))).toEqual(
        Buffer.from(content([stage()]).files.get('features.onnx') ?? []),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
