import { setImmediate as nextTurn } from 'node:timers/promises';

import fc from 'fast-check';

import { Pipeline, type AcceleratorOptions, type PipelineInput } from '../../../lib/server';
import { fromRawContents, toRawContents } from '../../../lib/server/pipeline/accelerator/kserve-v2-model';
import type { BrainwaveStageJson } from '../../../lib/service-definition/service-definition-json';
import { wireVersion } from '../../../lib/wire/model-version';
import { afterwards } from '../../support/cleanup';
import { until } from '../../support/until';
import { AcceleratorProcess } from './support/accelerator-process';
import {
  classifierStage,
  definitionOf,
  featurizerStage,
  imageStage,
  sampleDefinition,
  sampleImage,
  sampleModel,
} from './support/sample';

const images: PipelineInput = {
  kind: 'images',
  images: Array.from(
    { length: 9 },
    (_, index) => (['chelsea.png', 'coffee.png', 'rocket.jpg'] as const)[index % 3],
  ).map(sampleImage),
};
const software = sampleDefinition();

/** The sample's definition without the software of its brainwave stage, and maybe with another version. */
function acceleratedDefinition(changes: Partial<BrainwaveStageJson> = {}) {
  const stage: BrainwaveStageJson = { ...featurizerStage, software: undefined, ...changes };
  return definitionOf([imageStage, stage, classifierStage], {
    'classifier.pb': sampleModel('classifier.pb'),
  });
}

function rows(count: number, size = 3): PipelineInput {
  const data = Float32Array.from({ length: count * size }, (_, index) => index / 7);
  return { kind: 'tensor', tensor: { shape: [count, size], data } };
}

/** A pipeline that is nothing but one of the test accelerator's models. */
async function loadOnly(
  modelRef: string,
  accelerator: AcceleratorOptions,
  changes: Partial<BrainwaveStageJson> = {},
): Promise<Pipeline> {
  const stage = { type: 'brainwave', name: 'features', model_ref: modelRef, model_version: '1' } as const;
  const pipeline = await Pipeline.load(definitionOf([{ ...stage, output_tensor_dims: [1, 3], ...changes }]), {
    accelerator,
  });
  afterwards(() => pipeline.close());
  return pipeline;
}

describe.each(['kserve', 'tensorflowServing'] as const)('a brainwave stage over %s', (protocol) => {
  let accelerator: AcceleratorProcess;
  beforeAll(async () => {
    accelerator = await AcceleratorProcess[protocol]();
  });
  afterAll(async () => {
    await accelerator.close();
  });

  it('answers as its software does, batches larger than one call among them', async () => {
    const accelerated = await Pipeline.load(acceleratedDefinition(), { accelerator: accelerator.options });
    afterwards(() => accelerated.close());
    const onCpu = await Pipeline.load(software, { workers: 1 });
    afterwards(() => onCpu.close());
    expect(accelerated.signature).toEqual(onCpu.signature);
    const [got, expected] = await Promise.all([accelerated.score(images), onCpu.score(images)]);
    expect(got.shape).toEqual(expected.shape);
    const differences = got.data.map((value, index) => Math.abs(value - expected.data[index]));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  it('runs on the accelerator even where the stage has software', async () => {
    const pipeline = await Pipeline.load(software, { accelerator: accelerator.options, workers: 1 });
    afterwards(() => pipeline.close());
    const before = accelerator.events.length;
    await pipeline.score(images);
    await until(() => accelerator.events.length > before);
    expect(accelerator.events.length).toBeGreaterThan(before);
  });

  it('names its input as its software does, so that clients need not care what runs it', async () => {
    const pipeline = await Pipeline.load(definitionOf([featurizerStage]), {
      accelerator: accelerator.options,
    });
    afterwards(() => pipeline.close());
    expect(pipeline.signature).toEqual({
      input: { kind: 'tensor', name: 'image', shape: [-1, 224, 224, 3] },
      output: { shape: [-1, 1280] },
    });
  });

  it.each(['1', ''])(
    'runs as a model with another name there, and with the version %j',
    async (modelVersion) => {
      const stage = acceleratedDefinition({ model_ref: 'resnet50', model_version: '1.1.3' });
      const pipeline = await Pipeline.load(stage, {
        accelerator: { ...accelerator.options, modelName: 'efficientnet-lite0', modelVersion },
        workers: 1,
      });
      afterwards(() => pipeline.close());
      await expect(pipeline.score(images)).resolves.toMatchObject({ shape: [9, 1000] });
    },
  );

  it('is not ready for a model that the accelerator does not have under the name that was tried', async () => {
    const pipeline = await Pipeline.load(acceleratedDefinition(), {
      accelerator: { ...accelerator.options, modelName: 'other', modelVersion: '' },
      workers: 1,
    });
    afterwards(() => pipeline.close());
    expect(pipeline.problem?.problem).toMatch(
      /^the accelerator has no model 'other' \(any version\); load it there/,
    );
  });

  it('is not ready for a model that the accelerator does not have', async () => {
    const pipeline = await Pipeline.load(acceleratedDefinition({ model_version: '7' }), {
      accelerator: accelerator.options,
      workers: 1,
    });
    afterwards(() => pipeline.close());
    await expect(pipeline.score(images)).rejects.toMatchObject({
      code: 'ACCELERATOR_FAILED',
      reason: 'unavailable',
      message:
        "stage 'featurizer' received no features: the accelerator has no model 'efficientnet-lite0' (version '7'); " +
        'load it there, or set modelName and modelVersion of the accelerator to what the model is called there',
    });
  });

  it('follows an accelerator that is killed during calls, and is there again when it is', async () => {
    const pipeline = await Pipeline.load(acceleratedDefinition(), {
      accelerator: accelerator.options,
      workers: 1,
    });
    afterwards(() => pipeline.close());
    let isRunning = true;
    const reasons = new Set<unknown>();
    const callers = Array.from({ length: 4 }, async () => {
      while (isRunning) {
        await pipeline.score(images).catch(async (error: unknown) => {
          reasons.add((error as { reason?: unknown }).reason);
          // Requests are refused at once while it is away; the event loop must get on all the same.
          await nextTurn();
        });
      }
    });
    const before = accelerator.events.length;
    await until(() => accelerator.events.length > before);
    await accelerator.kill();
    await until(() => pipeline.problem !== undefined);
    expect(pipeline.problem?.message).toBe(
      "stage 'featurizer' received no features: the accelerator cannot be reached; retry when it is running",
    );
    await expect(pipeline.score(images)).rejects.toMatchObject({ reason: 'unavailable' });
    await accelerator.start();
    await until(() => pipeline.problem === undefined);
    isRunning = false;
    await Promise.all(callers);
    // Those that were under way may have been answered after all, by another try.
    reasons.delete('unavailable');
    expect([...reasons]).toEqual([]);
    expect((await pipeline.score(images)).shape).toEqual([9, 1000]);
  });
});

describe('a brainwave stage', () => {
  let accelerator: AcceleratorProcess;
  let options: AcceleratorOptions;
  beforeAll(async () => {
    accelerator = await AcceleratorProcess.kserve();
    options = accelerator.options;
  });
  afterAll(async () => {
    await accelerator.close();
  });

  /** How often the accelerator said this of a model. */
  function count(event: 'infer' | 'cancelled', model: string): number {
    return accelerator.events.filter((each) => each[event] === model).length;
  }

  it.each(['echo', 'answers-in-contents', 'one-at-a-time'])(
    'gets every row from a model that %s, in order',
    async (model) => {
      const pipeline = await loadOnly(model, options);
      const input = rows(20);
      await expect(pipeline.score(input)).resolves.toEqual((input as { tensor: unknown }).tensor);
    },
  );

  it('sends no more rows in one call than maxBatch', async () => {
    const pipeline = await loadOnly('two-at-most', { ...options, maxBatch: 2 });
    const input = rows(7);
    await expect(pipeline.score(input)).resolves.toEqual((input as { tensor: unknown }).tensor);
  });

  it('sends the rows of several requests in one call within maxBatchDelayMs, until the batch is full', async () => {
    // The delay never passes: a batch of three rows is full.
    const pipeline = await loadOnly('echo', { ...options, maxBatch: 3, maxBatchDelayMs: 600_000 });
    const before = accelerator.events.length;
    const inputs = [rows(1), rows(2)];
    await expect(Promise.all(inputs.map((input) => pipeline.score(input)))).resolves.toEqual(
      inputs.map((input) => (input as { tensor: unknown }).tensor),
    );
    const sent = () => accelerator.events.slice(before).filter(({ infer }) => infer === 'echo');
    await until(() => sent().length > 0);
    expect(sent().map((event) => event.rows)).toEqual([3]);
  });

  it('sends no more rows in one call than fit into maxMessageBytes', async () => {
    const stage = { type: 'brainwave', name: 'features', model_ref: 'echo', model_version: '1' } as const;
    const pipeline = await Pipeline.load(definitionOf([{ ...stage, output_tensor_dims: [1, 3] }]), {
      accelerator: { ...options, maxBatch: 100_000, maxMessageBytes: 65_536 },
      maxBatch: 100_000,
    });
    afterwards(() => pipeline.close());
    const input = rows(12_000);
    const before = accelerator.events.length;
    await expect(pipeline.score(input)).resolves.toEqual((input as { tensor: unknown }).tensor);
    const sent = accelerator.events.slice(before).filter(({ infer }) => infer === 'echo');
    // 12 bytes a row, and room for names and shapes.
    expect(sent.map((event) => event.rows).sort()).toEqual([1760, 5120, 5120]);
  });

  it('tries a call again that finds the accelerator unavailable', async () => {
    const pipeline = await loadOnly('unavailable-twice', options);
    await expect(pipeline.score(rows(1))).resolves.toMatchObject({ shape: [1, 3] });
    await until(() => count('infer', 'unavailable-twice') === 3);
    expect(count('infer', 'unavailable-twice')).toBe(3);
  });

  it('does not try again what the accelerator rejects for good', async () => {
    const pipeline = await loadOnly('broken', options);
    await expect(pipeline.score(rows(1))).rejects.toMatchObject({
      reason: 'failed',
      message: expect.stringMatching(
        /^stage 'features' received no features: the accelerator failed: .* the device fell off the bus/,
      ) as string,
    });
    await until(() => count('infer', 'broken') > 0);
    expect(count('infer', 'broken')).toBe(1);
  });

  it("gives the accelerator the rest of the request's deadline, and up when it has passed", async () => {
    const pipeline = await loadOnly('never-answers', options);
    await expect(pipeline.score(rows(1), undefined, Date.now() + 400)).rejects.toMatchObject({
      reason: 'deadline-exceeded',
      message: expect.stringMatching(
        /^stage 'features' received no features: the accelerator did not respond within \d+ ms; raise the call's deadline, or send fewer images at once$/,
      ) as string,
    });
    const call = accelerator.events.findLast(({ infer }) => infer === 'never-answers');
    expect(call?.timeLeftMs).toBeLessThanOrEqual(400);
    await expect(pipeline.score(rows(1), undefined, Date.now() - 1)).rejects.toMatchObject({
      reason: 'deadline-exceeded',
    });
  });

  it('gives up after timeoutMs where the request has no deadline', async () => {
    const pipeline = await loadOnly('never-answers', { ...options, timeoutMs: 300 });
    await expect(pipeline.score(rows(1))).rejects.toMatchObject({
      reason: 'deadline-exceeded',
      message: expect.stringContaining('within 300 ms') as string,
    });
  });

  it('cancels the call to the accelerator when the request is cancelled', async () => {
    const pipeline = await loadOnly('never-answers', options);
    const count = (key: string) =>
      accelerator.events.filter((event) => event[key] === 'never-answers').length;
    const calls = count('infer');
    const cancelled = count('cancelled');
    const abort = new AbortController();
    const scored = pipeline.score(rows(1), abort.signal);
    await until(() => count('infer') > calls);
    abort.abort(new Error('no longer wanted'));
    await expect(scored).rejects.toThrow('no longer wanted');
    await until(() => count('cancelled') > cancelled);
    expect(pipeline.problem).toBeUndefined();
  });

  it('uses the output in its options if the model has several', async () => {
    const pipeline = await loadOnly('two-outputs', { ...options, outputTensor: 'y' });
    await expect(pipeline.score(rows(2))).resolves.toMatchObject({ shape: [2, 3] });
  });

  it('uses the output of its software if the model has several', async () => {
    const pipeline = await loadOnly('two-outputs', options, {
      software: { type: 'tensorflow', model_path: 'x.pb', input_tensor: 'x:0', output_tensor: 'y:0' },
    });
    await expect(pipeline.score(rows(2))).resolves.toMatchObject({ shape: [2, 3] });
  });

  it.each<[string, string, Partial<AcceleratorOptions>]>([
    ['two-outputs', 'has the outputs mask, y; set outputTensor of the accelerator to one of them', {}],
    [
      'echo',
      "has the inputs x, not 'pixels'; correct inputTensor of the accelerator",
      { inputTensor: 'pixels' },
    ],
    [
      'half-precision',
      "has the input 'x' of type FP16, expected 32-bit floats; export the model with 32-bit floats",
      {},
    ],
    [
      'declares-five',
      "returns [n, 5] at 'y', but outputTensorDims is [n, 3]; correct the one that is wrong",
      {},
    ],
  ])('is not ready for the model %s, and reports what is wrong with it', async (model, problem, changes) => {
    const pipeline = await loadOnly(model, { ...options, ...changes });
    await expect(pipeline.score(rows(1))).rejects.toMatchObject({
      reason: 'unavailable',
      message: `stage 'features' received no features: the accelerator's model '${model}' (version '1') ${problem}`,
    });
  });

  it('is not ready for a model that takes images channels first', async () => {
    const pipeline = await Pipeline.load(acceleratedDefinition({ model_ref: 'planar' }), {
      accelerator: options,
      workers: 1,
    });
    afterwards(() => pipeline.close());
    expect(pipeline.problem?.problem).toBe(
      "the accelerator's model 'planar' (version '1') expects [n, 3, 224, 224] at 'image', but receives " +
        "[n, 224, 224, 3]; set the image stage's layout to NCHW, or export the model with channels last (NHWC)",
    );
  });

  it('is not ready for a model that MLServer does not know, which it reports with the status UNKNOWN', async () => {
    const pipeline = await loadOnly('unknown-to-mlserver', options);
    expect(pipeline.problem?.problem).toBe(
      "the accelerator has no model 'unknown-to-mlserver' (version '1'); load it there, or set modelName and " +
        'modelVersion of the accelerator to what the model is called there',
    );
  });

  it('asks for the whole number of a version that is not one, as triton-repository writes it', async () => {
    const pipeline = await loadOnly('echo', options, { model_version: '1.1.6-rc' });
    expect(pipeline.problem?.problem).toContain(`(version '${wireVersion('1.1.6-rc')}')`);
  });

  it('is not ready while the accelerator loads the model', async () => {
    const pipeline = await loadOnly('loading', options);
    expect(pipeline.problem?.problem).toBe(
      "the accelerator has not loaded the model 'loading' (version '1'); retry later, or set modelName and " +
        'modelVersion of the accelerator to what the model is called there',
    );
  });

  it('is not ready where the server speaks another protocol', async () => {
    const pipeline = await loadOnly('echo', { ...options, protocol: 'tensorflow-serving' });
    expect(pipeline.problem?.problem).toBe(
      "the server at the accelerator's address does not implement tensorflow-serving; correct the accelerator's " +
        'address or protocol',
    );
  });

  it('rejects features of another shape than it promises', async () => {
    const pipeline = await loadOnly('answers-two', options);
    await expect(pipeline.score(rows(4))).rejects.toMatchObject({
      reason: 'failed',
      problem:
        'the accelerator returned [4, 2] for a batch of 4, but outputTensorDims is [n, 3]; correct the one ' +
        'that is wrong',
    });
  });

  it('rejects an answer that is shorter than it says', async () => {
    const pipeline = await loadOnly('answers-too-few-bytes', options);
    await expect(pipeline.score(rows(2))).rejects.toMatchObject({
      reason: 'failed',
      problem:
        'the accelerator failed: got 4 bytes for an FP32 tensor of shape [2, 3], expected 24; return 4 ' +
        'little-endian bytes per element',
    });
  });

  it('blames the request for a shape that only the model can reject', async () => {
    const pipeline = await loadOnly('takes-anything', options);
    expect(pipeline.signature.input).toEqual({ kind: 'tensor', name: 'x', shape: [-1, -1] });
    await expect(pipeline.score(rows(1, 4))).rejects.toMatchObject({
      code: 'INVALID_TENSOR',
      message: expect.stringMatching(
        /^got \[1, 4\], which the model does not accept .*x must be \[n,3\]/,
      ) as string,
    });
  });

  it('lets calls that run end as they would when the pipeline closes, and takes no more', async () => {
    const pipeline = await loadOnly('never-answers', { ...options, timeoutMs: 500 });
    const calls = count('infer', 'never-answers');
    const outcome = pipeline.score(rows(1)).catch((error: unknown) => error);
    await until(() => count('infer', 'never-answers') > calls);
    await pipeline.close();
    expect(await outcome).toMatchObject({ reason: 'deadline-exceeded' });
    await expect(pipeline.score(rows(1))).rejects.toMatchObject({ code: 'PIPELINE_CLOSED' });
  });

  it('tells a request that comes while the pipeline closes that it is closed', async () => {
    // A stage before it takes its time.
    const stage = { type: 'brainwave', name: 'features', model_ref: 'echo', model_version: '1' } as const;
    const pipeline = await Pipeline.load(
      definitionOf([
        { type: 'softmax', name: 'probabilities' },
        { ...stage, output_tensor_dims: [1, 3] },
      ]),
      { accelerator: options },
    );
    const scored = pipeline.score(rows(1));
    const closed = pipeline.close();
    await expect(scored).rejects.toMatchObject({ code: 'PIPELINE_CLOSED' });
    await closed;
  });

  it.each([
    [
      { address: '127.0.0.1' },
      "accelerator.address is '127.0.0.1'; set it to host:port, for example 127.0.0.1:8001",
    ],
    [
      { address: '::1:8001' },
      "accelerator.address is '::1:8001'; set it to host:port, for example 127.0.0.1:8001",
    ],
    [
      { address: 'http://a:1' },
      "accelerator.address is 'http://a:1'; set it to host:port, for example 127.0.0.1:8001",
    ],
    [
      { address: 'a:70000' },
      "accelerator.address is 'a:70000'; set it to host:port, for example 127.0.0.1:8001",
    ],
    [
      { protocol: 'rest' as 'kserve-v2' },
      "accelerator.protocol is 'rest'; set it to one of kserve-v2, tensorflow-serving",
    ],
    [{ maxBatch: 0.5 }, 'accelerator.maxBatch is 0.5; expected a whole number of at least 1'],
    [{ maxBatchDelayMs: -1 }, 'accelerator.maxBatchDelayMs is -1; expected a whole number of at least 0'],
    [
      { maxMessageBytes: 1000 },
      'accelerator.maxMessageBytes is 1000; expected a whole number of at least 65536',
    ],
    [{ modelName: '' }, "accelerator.modelName is empty; set it to the model's name on the accelerator"],
    [{ timeoutMs: 0 }, 'accelerator.timeoutMs is 0; expected a number greater than 0'],
  ])('rejects %j', async (changes, message) => {
    const loading = Pipeline.load(acceleratedDefinition(), { accelerator: { ...options, ...changes } });
    await expect(loading).rejects.toThrow(new RangeError(message));
  });
});

it('raw contents come back as they went, wherever they lie in a message', () => {
  fc.assert(
    fc.property(fc.float32Array(), fc.nat(7), (data, offset) => {
      const raw = toRawContents({ shape: [data.length], data });
      const message = new Uint8Array(offset + raw.length);
      message.set(raw, offset);
      expect(fromRawContents([data.length], message.subarray(offset))).toEqual({
        shape: [data.length],
        data,
      });
    }),
  );
});
