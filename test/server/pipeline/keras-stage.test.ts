import '@tensorflow/tfjs-backend-wasm';
import { initializers, input, layers, model, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { io, ready, setBackend } from '@tensorflow/tfjs-core';

import { Pipeline } from '../../../lib/server/pipeline';
import type { KerasStageJson } from '../../../lib/service-definition/service-definition-json';
import { floats, graphBytes, node, placeholder } from './support/graph';
import { definitionOf } from './support/sample';

const stage = {
  type: 'keras',
  name: 'head',
  model_path: 'head/model.json',
  input_tensor: 'features',
  output_tensor: 'classes',
} satisfies KerasStageJson;

type Files = Record<string, Uint8Array>;

/** Two features to three classes: `[x1 + x2, x1 + x2, x1 + x2] + 1`, then doubled. */
function buildModel(): LayersModel {
  const features = input({ shape: [2], name: 'features' });
  const ones = initializers.ones();
  const hidden = layers.dense({ units: 3, name: 'hidden', kernelInitializer: ones, biasInitializer: ones });
  const doubled = layers.dense({
    units: 3,
    name: 'classes',
    useBias: false,
    kernelInitializer: initializers.identity({ gain: 2 }),
  });
  return model({ inputs: features, outputs: doubled.apply(hidden.apply(features)) as never });
}

async function modelFiles(
  change: (json: Record<string, unknown>) => void = () => undefined,
  built: LayersModel = buildModel(),
): Promise<Files> {
  let artifacts: io.ModelArtifacts | undefined;
  await built.save(
    io.withSaveHandler((saved) => {
      artifacts = saved;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  const weights = Buffer.from(artifacts?.weightData as ArrayBuffer);
  const json: Record<string, unknown> = {
    format: 'layers-model',
    modelTopology: artifacts?.modelTopology,
    weightsManifest: [{ paths: ['shard1.bin', 'shard2.bin'], weights: artifacts?.weightSpecs }],
  };
  change(json);
  return {
    'head/model.json': Buffer.from(JSON.stringify(json)),
    'head/shard1.bin': weights.subarray(0, 20),
    'head/shard2.bin': weights.subarray(20),
  };
}

function load(files: Files, change: Partial<KerasStageJson> = {}): Promise<Pipeline> {
  return Pipeline.load(definitionOf([{ ...stage, ...change }], files), { workers: 1 });
}

async function score(pipeline: Pipeline, shape: number[], values: number[]): Promise<number[]> {
  try {
    const answer = await pipeline.score({
      kind: 'tensor',
      tensor: { shape, data: Float32Array.from(values) },
    });
    return [...answer.data];
  } finally {
    await pipeline.close();
  }
}

beforeAll(async () => {
  await setBackend('wasm');
  await ready();
});

test('runs a layers model, its weights in several files next to it', async () => {
  const pipeline = await load(await modelFiles());
  expect(pipeline.signature).toEqual({
    input: { kind: 'tensor', name: 'features', shape: [-1, 2] },
    output: { shape: [-1, 3] },
  });
  expect(await score(pipeline, [2, 2], [1, 2, 10, 20])).toEqual([8, 8, 8, 62, 62, 62]);
});

test('runs a layers model at the top of the service definition', async () => {
  const files = Object.entries(await modelFiles()).map(([name, bytes]) => [name.replace('head/', ''), bytes]);
  const pipeline = await load(Object.fromEntries(files) as Files, { model_path: 'model.json' });
  expect(await score(pipeline, [1, 2], [1, 2])).toEqual([8, 8, 8]);
});

test('uses the output of a layer in the middle, and accepts names with an output number', async () => {
  const pipeline = await load(await modelFiles(), { input_tensor: 'features:0', output_tensor: 'hidden:0' });
  expect(await score(pipeline, [1, 2], [1, 2])).toEqual([4, 4, 4]);
});

describe('a Sequential model', () => {
  const ones = initializers.ones();
  const classes = () =>
    layers.dense({ units: 3, name: 'classes', kernelInitializer: ones, inputShape: [2], useBias: false });

  test.each([
    [
      'with an input layer',
      'features',
      () => [layers.inputLayer({ inputShape: [2], name: 'features' }), classes()],
    ],
    ['without an input layer', 'classes_input', () => [classes()]],
  ])('runs %s', async (_, inputTensor, layersOf) => {
    const files = await modelFiles(undefined, sequential({ layers: layersOf() }));
    const pipeline = await load(files, { input_tensor: inputTensor, output_tensor: 'classes:0' });
    expect(await score(pipeline, [1, 2], [3, 4])).toEqual([7, 7, 7]);
  });

  test('is rejected with its names where a name is wrong', async () => {
    const files = await modelFiles(undefined, sequential({ layers: [classes()] }));
    await expect(load(files, { input_tensor: 'x' })).rejects.toThrow(
      "'head/model.json' has no input 'x'; set inputTensor to one of: 'classes_input'",
    );
    await expect(load(files, { input_tensor: 'classes_input', output_tensor: 'y' })).rejects.toThrow(
      "'head/model.json' has no output 'y'; set outputTensor to one of: 'classes'",
    );
  });
});

test('runs a frozen graph', async () => {
  const file = graphBytes([
    placeholder('features', [-1, 2]),
    floats('factor', [], [3]),
    node('classes', 'Mul', ['features', 'factor'], { T: { type: 'DT_FLOAT' } }),
  ]);
  const pipeline = await load({ 'frozen.pb': file }, { model_path: 'frozen.pb' });
  expect(await score(pipeline, [1, 2], [1, 2])).toEqual([3, 6]);
});

describe('rejects', () => {
  test('a layer that TensorFlow.js does not know', async () => {
    const files = await modelFiles((json) => {
      const text = JSON.stringify(json.modelTopology).replaceAll(
        '"class_name":"Dense"',
        '"class_name":"TFOpLambda"',
      );
      json.modelTopology = JSON.parse(text) as unknown;
    });
    await expect(load(files)).rejects.toMatchObject({
      code: 'STAGE_NOT_SUPPORTED',
      message:
        "stage 'head' cannot run here: 'head/model.json' uses the layer TFOpLambda, which TensorFlow.js does not support; " +
        'convert the model to ONNX (tf2onnx) and use an onnx stage',
    });
  });

  test('a model whose weight file is missing', async () => {
    const files = await modelFiles();
    delete files['head/shard2.bin'];
    await expect(load(files)).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message:
        "stage 'head' cannot be loaded: 'head/model.json' references the weight file 'shard2.bin', but 'head/shard2.bin' " +
        'is not in the service definition; add it',
    });
  });

  test('truncated weights', async () => {
    const files = await modelFiles();
    await expect(load({ ...files, 'head/shard2.bin': Buffer.alloc(4) })).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringContaining('; export the layers model and its weights again') as string,
    });
  });

  test.each<[string, string, string]>([
    ['text', 'no JSON', 'is not JSON; export the layers model again'],
    ['other JSON', '{"a":1}', 'is not a TensorFlow.js layers model (no modelTopology or weightsManifest)'],
    [
      'a graph model',
      '{"format":"graph-model","modelTopology":{},"weightsManifest":[]}',
      'is a TensorFlow.js graph model; use the layers model or the frozen GraphDef (.pb)',
    ],
  ])('%s in the place of model.json', async (_, text, message) => {
    const loading = load({ 'head/model.json': Buffer.from(text) });
    await expect(loading).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    await expect(loading).rejects.toThrow(`stage 'head' cannot be loaded: 'head/model.json' ${message}`);
  });

  test.each<[Partial<KerasStageJson>, string]>([
    [{ input_tensor: 'pixels' }, "has no input 'pixels'; set inputTensor to one of: 'features'"],
    [{ output_tensor: 'logits' }, "has no output 'logits'; set outputTensor to one of: 'classes'"],
  ])('a tensor that the model does not have: %j', async (change, message) => {
    await expect(load(await modelFiles(), change)).rejects.toThrow(
      `stage 'head' cannot be loaded: 'head/model.json' ${message}`,
    );
  });
});
