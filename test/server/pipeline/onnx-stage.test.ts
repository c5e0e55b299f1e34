import { Pipeline } from '../../../lib/server/pipeline';
import type { OnnxStageJson } from '../../../lib/service-definition/service-definition-json';
import { onnxModel } from './support/onnx-model';
import { definitionOf, imageStage, sampleModel } from './support/sample';

const stage = {
  type: 'onnx',
  name: 'model',
  model_path: 'model.onnx',
  input_tensor: 'x',
  output_tensor: 'y',
} satisfies OnnxStageJson;

function load(file: Uint8Array, change: Partial<OnnxStageJson> = {}): Promise<Pipeline> {
  return Pipeline.load(definitionOf([{ ...stage, ...change }], { 'model.onnx': file }), { workers: 1 });
}

async function score(pipeline: Pipeline, shape: number[], values: number[]): Promise<unknown> {
  try {
    const answer = await pipeline.score({
      kind: 'tensor',
      tensor: { shape, data: Float32Array.from(values) },
    });
    return { shape: answer.shape, values: [...answer.data] };
  } finally {
    await pipeline.close();
  }
}

test('runs a model', async () => {
  const pipeline = await load(onnxModel({ op: 'Relu' }));
  expect(pipeline.signature).toEqual({
    input: { kind: 'tensor', name: 'x', shape: [-1, 3] },
    output: { shape: [-1, 3] },
  });
  expect(await score(pipeline, [2, 3], [-1, 2, -3, 4, -5, 6])).toEqual({
    shape: [2, 3],
    values: [0, 2, 0, 4, 0, 6],
  });
});

test('runs a model that was exported for one row as often as there are rows', async () => {
  const value = { shape: [1, 2] };
  const pipeline = await load(
    onnxModel({ op: 'Relu', inputs: [{ name: 'x', ...value }], outputs: [{ name: 'y', ...value }] }),
  );
  expect(await score(pipeline, [3, 2], [1, -1, 2, -2, 3, -3])).toEqual({
    shape: [3, 2],
    values: [1, 0, 2, 0, 3, 0],
  });
});

test('fills up the last batch of a model that was exported for four rows', async () => {
  const value = { shape: [4, 1] };
  const pipeline = await load(
    onnxModel({ op: 'Relu', inputs: [{ name: 'x', ...value }], outputs: [{ name: 'y', ...value }] }),
  );
  expect(await score(pipeline, [6, 1], [1, 2, 3, 4, 5, 6])).toEqual({
    shape: [6, 1],
    values: [1, 2, 3, 4, 5, 6],
  });
});

test('omits sizes of one between the batch and the classes', async () => {
  const value = { shape: ['n', 1, 1, 2] };
  const pipeline = await load(
    onnxModel({ op: 'Relu', inputs: [{ name: 'x', ...value }], outputs: [{ name: 'y', ...value }] }),
  );
  expect(pipeline.signature.output.shape).toEqual([-1, 2]);
  expect(await score(pipeline, [1, 1, 1, 2], [1, 2])).toEqual({ shape: [1, 2], values: [1, 2] });
});

test('finds a tensor by the name that TensorFlow gives it', async () => {
  const pipeline = await load(onnxModel({ op: 'Relu' }), { input_tensor: 'x:0', output_tensor: 'y:0' });
  expect(await score(pipeline, [1, 3], [1, 2, 3])).toEqual({ shape: [1, 3], values: [1, 2, 3] });
});

test('serves a model that leaves its sizes open', async () => {
  const inputs = [{ name: 'x', shape: ['n', 'm'] }];
  const pipeline = await load(onnxModel({ op: 'Relu', inputs, outputs: [{ name: 'y', shape: ['n', 'm'] }] }));
  expect(pipeline.signature.output.shape).toEqual([]);
  expect(await score(pipeline, [1, 2], [1, 2])).toEqual({ shape: [1, 2], values: [1, 2] });
});

describe('rejects at load', () => {
  test.each([
    [
      'an operation that onnxruntime does not know',
      onnxModel({ op: 'Bogus' }),
      "stage 'model' cannot run here: 'model.onnx' uses the operation Bogus (opset 17), which onnxruntime does not " +
        'support; export the model with standard ONNX operations, or with an opset that this onnxruntime supports',
    ],
    [
      'an operation of somebody else',
      onnxModel({ op: 'Fancy', domain: 'com.acme' }),
      "stage 'model' cannot run here: 'model.onnx' uses the operation com.acme:Fancy, which onnxruntime does not support",
    ],
    [
      'an opset of the future',
      onnxModel({ op: 'Relu', opset: 99 }),
      "stage 'model' cannot run here: 'model.onnx' uses opset 99, but onnxruntime supports opsets up to",
    ],
    [
      'an input that is not float32',
      onnxModel({
        op: 'Identity',
        inputs: [{ name: 'x', shape: ['n'], type: 2 }],
        outputs: [{ name: 'y', shape: ['n'], type: 2 }],
      }),
      "stage 'model' cannot run here: input 'x' of 'model.onnx' is uint8, but stages pass float32; export the model " +
        'with a float32 input (a Cast inside the model)',
    ],
  ])('%s', async (_, file, message) => {
    const loading = load(file);
    await expect(loading).rejects.toMatchObject({ code: 'STAGE_NOT_SUPPORTED', stage: 'model' });
    await expect(loading).rejects.toThrow(message);
  });

  test.each([
    ['a text file', Buffer.from('not a model')],
    ['a truncated file', sampleModel('featurizer.onnx').subarray(0, 100_000)],
  ])('%s', async (_, file) => {
    await expect(load(file)).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message:
        "stage 'model' cannot be loaded: 'model.onnx': it is not an ONNX file or is truncated; export the model again",
    });
  });

  test('a tensor that the model does not have, and names those that it has', async () => {
    await expect(load(onnxModel({ op: 'Relu' }), { output_tensor: 'z' })).rejects.toThrow(
      "stage 'model' cannot be loaded: 'model.onnx' has no output 'z'; set outputTensor to one of: 'y'",
    );
  });

  test('a model with a second input', async () => {
    const inputs = [
      { name: 'x', shape: ['n', 3] },
      { name: 'x2', shape: ['n', 3] },
    ];
    await expect(load(onnxModel({ op: 'Add', inputs }))).rejects.toThrow(
      "stage 'model' cannot be loaded: 'model.onnx' has additional inputs (x2), but a stage feeds only one; export it with one input",
    );
  });

  test('a model with channels first, with the remedy', async () => {
    const value = { shape: ['n', 3, 224, 224] };
    const file = onnxModel({
      op: 'Relu',
      inputs: [{ name: 'x', ...value }],
      outputs: [{ name: 'y', ...value }],
    });
    const content = definitionOf([imageStage, stage], { 'model.onnx': file });
    await expect(Pipeline.load(content, { workers: 1 })).rejects.toThrow(
      "stage 'model' cannot be loaded: 'model.onnx' expects [n, 3, 224, 224] at 'x', but receives [n, 224, 224, 3]; " +
        "set the image stage's layout to NCHW, or export the model with channels last (NHWC)",
    );
  });

  test('a model that does not answer row by row', async () => {
    const file = onnxModel({ op: 'Transpose', outputs: [{ name: 'y', shape: [3, 'n'] }] });
    await expect(load(file)).rejects.toThrow(
      "stage 'model' cannot be loaded: it returned [3, 1] for a batch of 1; export the model with the batch as the " +
        "output's first dimension",
    );
  });
});
