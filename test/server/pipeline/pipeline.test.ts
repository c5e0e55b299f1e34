import { Pipeline, type PipelineInput } from '../../../lib/server/pipeline';
import { ImageDecoder } from '../../../lib/server/pipeline/image/image-decoder';
import { decodeGraph, encodeGraph } from './support/graph';
import {
  classifierStage,
  definitionOf,
  featurizerStage,
  imageStage,
  sampleDefinition,
  sampleImage,
  sampleModel,
} from './support/sample';

/** What TensorFlow answers for the sample images: examples/quickstart/models/README.md. */
const expected = {
  'chelsea.png': { 282: 0.399, 285: 0.35, 281: 0.164, 287: 0.019, 904: 0.001 },
  'coffee.png': { 967: 0.954, 968: 0.014, 925: 0.008, 960: 0.003, 504: 0.003 },
  'rocket.jpg': { 657: 0.281, 744: 0.157, 540: 0.113, 812: 0.065, 682: 0.021 },
} as const;

const names = Object.keys(expected) as (keyof typeof expected)[];

function images(...items: Uint8Array[]): PipelineInput {
  return { kind: 'images', images: items };
}

function firstClass(row: Float32Array): number {
  return row.indexOf(Math.max(...row));
}

describe('the sample pipeline', () => {
  let pipeline: Pipeline;
  beforeAll(async () => {
    pipeline = await Pipeline.load(sampleDefinition());
  });
  afterAll(async () => {
    await pipeline.close();
  });

  test.each(names)('answers for %s as TensorFlow does', async (name) => {
    const answer = await pipeline.score(images(sampleImage(name)));
    expect(answer.shape).toEqual([1, 1000]);
    const classes = Object.entries(expected[name]);
    expect(String(firstClass(answer.data))).toBe(
      classes.reduce((best, each) => (each[1] > best[1] ? each : best))[0],
    );
    for (const [index, probability] of classes) {
      expect(Math.abs((answer.data[Number(index)] ?? 0) - probability)).toBeLessThan(0.04);
    }
  });

  test('answers a batch with the rows that its images get alone, in order', async () => {
    const batch = [...names, ...names, ...names, ...names].map(sampleImage);
    const together = await pipeline.score(images(...batch));
    expect(together.shape).toEqual([batch.length, 1000]);
    for (const [index, name] of names.entries()) {
      const alone = await pipeline.score(images(sampleImage(name)));
      for (const row of [index, index + 9]) {
        const difference = alone.data.map((value, at) =>
          Math.abs(value - (together.data[row * 1000 + at] ?? 0)),
        );
        expect(Math.max(...difference)).toBeLessThan(1e-4);
      }
    }
  });

  test('reports the input of a request and the output of a response', () => {
    expect(pipeline.signature).toEqual({ input: { kind: 'images' }, output: { shape: [-1, 1000] } });
  });

  test('accepts decoded and scaled images as an array, with the same result', async () => {
    const bytes = sampleImage('chelsea.png');
    const decoder = ImageDecoder.load(imageStage, 50_000_000);
    const tensor = await decoder.decode([bytes]);
    const decodedHere = await pipeline.score(images(bytes));
    await expect(pipeline.score({ kind: 'tensor', tensor })).resolves.toEqual(decodedHere);
  });

  test('rejects an array of another shape than its images have', async () => {
    const tensor = { shape: [1, 256, 256, 3], data: new Float32Array(256 * 256 * 3) };
    await expect(pipeline.score({ kind: 'tensor', tensor })).rejects.toMatchObject({
      code: 'INVALID_TENSOR',
      message: 'got an array of shape [1, 256, 256, 3], expected [n, 224, 224, 3] with n as the batch',
    });
  });

  test('rejects an empty batch and one over the limit', async () => {
    await expect(pipeline.score(images())).rejects.toThrow('got an empty batch; send at least one image');
    const many = Array.from({ length: 100 }, () => sampleImage('rocket.jpg'));
    await expect(pipeline.score(images(...many))).rejects.toMatchObject({
      code: 'BATCH_TOO_LARGE',
      message: 'got a batch of 100, expected at most 64; split it into several requests',
    });
  });

  test('names the image of a batch that cannot be decoded, whichever thread decodes it', async () => {
    const whole = sampleImage('chelsea.png');
    const batch = [whole, whole, whole, whole.subarray(0, 20_000)];
    await expect(pipeline.score(images(...batch))).rejects.toMatchObject({
      code: 'INVALID_IMAGE',
      index: 3,
      message: expect.stringMatching(/^images\[3\] is truncated or damaged/) as string,
    });
  });

  test('does not change the images of the caller', async () => {
    const image = sampleImage('chelsea.png');
    await pipeline.score(images(image));
    expect(image.equals(sampleImage('chelsea.png'))).toBe(true);
  });
});

test('another classifier gives other classes', async () => {
  const graph = decodeGraph(sampleModel('classifier.pb'));
  for (const { attr } of graph.node.filter((each) => each.op === 'Const')) {
    const { tensor } = attr.value;
    const columns = tensor?.tensorShape?.dim.at(-1)?.size ?? 0;
    if (tensor == null || columns !== 1000) {
      continue;
    }
    const values = new Float32Array(Uint8Array.from(tensor.tensorContent).buffer);
    const shifted = values.map((_, at) => values[at - (at % 1000) + ((at + 1) % 1000)] ?? 0);
    tensor.tensorContent = Buffer.from(shifted.buffer);
  }
  const pipeline = await Pipeline.load(sampleDefinition(encodeGraph(graph)), { workers: 1 });
  const answer = await pipeline.score(images(sampleImage('coffee.png')));
  await pipeline.close();
  expect(firstClass(answer.data)).toBe(966);
});

describe('requests side by side', () => {
  const features = { shape: [16, 224, 224, 3], data: new Float32Array(16 * 224 * 224 * 3).fill(100) };
  const request: PipelineInput = { kind: 'tensor', tensor: features };
  let pipeline: Pipeline;
  beforeEach(async () => {
    const content = sampleDefinition();
    const stages = [featurizerStage, classifierStage];
    pipeline = await Pipeline.load(definitionOf(stages, Object.fromEntries(content.files)), { workers: 1 });
  });
  afterEach(async () => {
    await pipeline.close();
  });

  test('models leave the event loop free', async () => {
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns += 1;
      if (!isDone) {
        setImmediate(turn);
      }
    };
    setImmediate(turn);
    await pipeline.score(request);
    isDone = true;
    // Models that ran on this thread would give it a turn or two between stages and parts.
    expect(turns).toBeGreaterThan(100);
  });

  test('a request that is aborted while it waits rejects at once and disturbs no other', async () => {
    let isFirstDone = false;
    const first = pipeline.score(request).finally(() => {
      isFirstDone = true;
    });
    const controller = new AbortController();
    const second = pipeline.score(request, controller.signal);
    controller.abort(new Error('the caller went away'));
    await expect(second).rejects.toThrow('the caller went away');
    expect(isFirstDone).toBe(false);
    expect((await first).shape).toEqual([16, 1000]);
    expect((await pipeline.score(request)).shape).toEqual([16, 1000]);
  });

  test('a request that is aborted while it runs rejects at once, and the next is served', async () => {
    const signal = AbortSignal.timeout(1);
    const running = pipeline.score(request, signal);
    await expect(running).rejects.toHaveProperty('name', 'TimeoutError');
    expect((await pipeline.score(request)).shape).toEqual([16, 1000]);
  });

  test('a request whose signal has aborted already does nothing', async () => {
    await expect(pipeline.score(request, AbortSignal.abort(new Error('too late')))).rejects.toThrow(
      'too late',
    );
  });

  test('closing finishes running requests, rejects queued ones, and accepts no more', async () => {
    const one: PipelineInput = {
      kind: 'tensor',
      tensor: { shape: [1, 224, 224, 3], data: features.data.slice(0, 224 * 224 * 3) },
    };
    const outcomes = Promise.allSettled([pipeline.score(one), pipeline.score(one)]);
    await Promise.resolve();
    await pipeline.close();
    const [running, waiting] = await outcomes;
    expect(running).toMatchObject({ status: 'fulfilled' });
    expect(waiting).toMatchObject({ status: 'rejected', reason: { code: 'PIPELINE_CLOSED' } });
    await expect(pipeline.score(one)).rejects.toMatchObject({
      code: 'PIPELINE_CLOSED',
      message: 'the pipeline is closed; load it again to score',
    });
  });

  test('the caller keeps the array it sent', async () => {
    await pipeline.score(request);
    expect(features.data).toHaveLength(16 * 224 * 224 * 3);
  });

  test('reports the shape of its input', () => {
    expect(pipeline.signature).toEqual({
      input: { kind: 'tensor', name: 'image', shape: [-1, 224, 224, 3] },
      output: { shape: [-1, 1000] },
    });
  });

  test('rejects encoded images where no stage decodes them', async () => {
    await expect(pipeline.score(images(sampleImage('rocket.jpg')))).rejects.toMatchObject({
      code: 'INVALID_TENSOR',
      message: expect.stringContaining('got encoded images, but the service has no image stage') as string,
    });
  });

  test.each([
    [
      [1, 3, 224, 224],
      'got an array of shape [1, 3, 224, 224], expected [n, 224, 224, 3] with n as the batch',
    ],
    [[224, 224, 3], 'got an array of shape [224, 224, 3], expected [n, 224, 224, 3] with n as the batch'],
    [
      [2, 224, 224, 3],
      'got 150528 numbers for the shape [2, 224, 224, 3], expected 301056; send one number per element',
    ],
    [
      [0, 224, 224, 3],
      'got 150528 numbers for the shape [0, 224, 224, 3], expected 0; send one number per element',
    ],
  ])('rejects an array of shape %j', async (shape, message) => {
    const tensor = { shape, data: new Float32Array(224 * 224 * 3) };
    await expect(pipeline.score({ kind: 'tensor', tensor })).rejects.toMatchObject({
      code: 'INVALID_TENSOR',
      message,
    });
  });

  test.each([
    [NaN, 'got NaN at [0, 1, 2, 1]; send finite numbers'],
    [-Infinity, 'got -Infinity at [0, 1, 2, 1]; send finite numbers'],
  ])('rejects %d and reports where it is', async (value, message) => {
    const data = new Float32Array(224 * 224 * 3);
    data[224 * 3 + 2 * 3 + 1] = value;
    const tensor = { shape: [1, 224, 224, 3], data };
    await expect(pipeline.score({ kind: 'tensor', tensor })).rejects.toMatchObject({
      code: 'INVALID_TENSOR',
      message,
    });
  });
});

describe('loading', () => {
  test('stops when it is aborted', async () => {
    const controller = new AbortController();
    const loading = Pipeline.load(sampleDefinition(), {}, controller.signal);
    controller.abort(new Error('no longer needed'));
    await expect(loading).rejects.toThrow('no longer needed');
  });

  test('rejects a brainwave stage without software, and reports what it needs', async () => {
    const stage = { ...featurizerStage, software: undefined };
    await expect(Pipeline.load(definitionOf([imageStage, stage]))).rejects.toMatchObject({
      code: 'STAGE_NOT_SUPPORTED',
      message:
        "stage 'featurizer' cannot run here: 'efficientnet-lite0' runs on an accelerator, but none is configured; " +
        'configure an accelerator server, or set software of Stage.brainwave (of ServiceDefinition.fromZip for a zip ' +
        'without weights) to an ONNX file or a frozen GraphDef that computes the same features',
    });
  });

  test('rejects software that does not give the features that the stage promises', async () => {
    const stage = { ...featurizerStage, output_tensor_dims: [1, 1, 1, 2048] };
    const files = { 'featurizer.onnx': sampleModel('featurizer.onnx') };
    await expect(
      Pipeline.load(definitionOf([imageStage, stage], files), { workers: 1 }),
    ).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message:
        "stage 'featurizer' cannot be loaded: 'featurizer.onnx' computes [n, 1, 1, 1280], but outputTensorDims " +
        'is [n, 1, 1, 2048]; correct the one that is wrong',
    });
  });

  test('rejects stages that do not fit each other', async () => {
    const files = { 'classifier.pb': sampleModel('classifier.pb') };
    const loading = Pipeline.load(definitionOf([imageStage, classifierStage], files), { workers: 1 });
    await expect(loading).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message:
        "stage 'classifier' cannot be loaded: 'classifier.pb' expects [n, 1, 1, 1280] at 'features:0', but receives " +
        '[n, 224, 224, 3]; change the previous stage so that its output has this shape',
    });
  });

  test('rejects a definition without its model file', async () => {
    await expect(Pipeline.load(definitionOf([classifierStage]), { workers: 1 })).rejects.toThrow(
      "stage 'classifier' cannot be loaded: its file 'classifier.pb' is not in the service definition; add it",
    );
  });

  test('rejects an empty model file', async () => {
    const content = definitionOf([classifierStage], { 'classifier.pb': new Uint8Array(0) });
    await expect(Pipeline.load(content, { workers: 1 })).rejects.toThrow(
      "stage 'classifier' cannot be loaded: its file 'classifier.pb' is empty; export the model again",
    );
  });

  test.each([0, -1, 1.5, NaN])('rejects %d workers', async (workers) => {
    await expect(Pipeline.load(definitionOf([imageStage]), { workers })).rejects.toThrow(
      `workers is ${workers}; expected a whole number of at least 1`,
    );
  });

  test('rejects an image stage that is not first', async () => {
    const content = definitionOf([classifierStage, imageStage]);
    await expect(Pipeline.load(content)).rejects.toThrow(
      "stage 'decode' cannot be loaded: an image stage decodes the request; move it to the start of the pipeline",
    );
  });
});
