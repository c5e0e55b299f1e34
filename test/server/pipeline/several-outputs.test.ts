import path from 'node:path';

import fc from 'fast-check';

import { PredictionClient } from '../../../lib/client';
import { Pipeline, type AcceleratorOptions } from '../../../lib/server/pipeline';
import { packOutputs, unpackOutputs } from '../../../lib/server/pipeline/named-outputs';
import { parseServiceDefinition } from '../../../lib/service-definition/parse-service-definition';
import type { BrainwaveStageJson, StageJson } from '../../../lib/service-definition/service-definition-json';
import { writeServiceDefinition } from '../../../lib/service-definition';
import type { FloatTensor } from '../../../lib/wire/tensor';
import { runSmokeTest, type SmokeTestExpectation } from '../../../lib/smoke-test';
import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';
import { serverForTest } from '../support/test-server';
import { AcceleratorProcess } from './support/accelerator-process';
import { floats, graphBytes, integers, node, placeholder } from './support/graph';
import { definitionOf } from './support/sample';

const float = { T: { type: 'DT_FLOAT' } } as const;

/** A detector of four numbers per image: twice the input as boxes of two by two, and their sum as a score. */
const detector = graphBytes([
  placeholder('x', [-1, 4]),
  floats('two', [1], [2]),
  node('doubled', 'Mul', ['x', 'two'], float),
  integers('shape', [3], [-1, 2, 2]),
  node('boxes', 'Reshape', ['doubled', 'shape'], float),
  integers('axis', [1], [1]),
  node('scores', 'Sum', ['x', 'axis'], { ...float, keep_dims: { b: true } }),
]);
const stage = {
  type: 'tensorflow',
  name: 'detector',
  model_path: 'detector.pb',
  input_tensor: 'x:0',
  output_tensors: { boxes: 'boxes:0', scores: 'scores:0' },
} satisfies StageJson;
const definition = definitionOf([stage], { 'detector.pb': detector });

const images: FloatTensor = {
  shape: [3, 4],
  data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
};
const EXPECTED = new Map<string, FloatTensor>([
  ['boxes', { shape: [3, 2, 2], data: Float32Array.of(2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24) }],
  ['scores', { shape: [3, 1], data: Float32Array.of(10, 26, 42) }],
]);

describe('several outputs', () => {
  it('are packed and unpacked without loss, whatever their shapes', () => {
    const outputs = fc.integer({ min: 0, max: 3 }).chain((rows) =>
      fc.uniqueArray(
        fc
          .tuple(fc.string({ maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }))
          .chain(([name, sizes]) => {
            const count = sizes.reduce((product, size) => product * size, rows);
            return fc
              .float32Array({ minLength: count, maxLength: count, noNaN: true })
              .map((data) => [name, { shape: [rows, ...sizes], data }] as const);
          }),
        { minLength: 1, maxLength: 5, selector: ([name]) => name },
      ),
    );
    fc.assert(
      fc.property(outputs, (named) => {
        expect([...unpackOutputs(packOutputs(named))]).toEqual(named);
      }),
    );
  });

  it('of the last stage are scored in batches as one output is', async () => {
    const pipeline = await Pipeline.load(definition, { workers: 2 });
    const answer = await pipeline.score({ kind: 'tensor', tensor: images });
    await pipeline.close();
    expect(pipeline.signature.output.parts).toEqual([
      { name: 'boxes', shape: [2, 2] },
      { name: 'scores', shape: [1] },
    ]);
    expect(unpackOutputs(answer)).toEqual(EXPECTED);
  });

  it('are rejected before another stage', async () => {
    await expect(
      Pipeline.load(definitionOf([stage, { type: 'softmax', name: 'softmax' }], { 'detector.pb': detector })),
    ).rejects.toThrow(
      "stage 'detector' cannot be loaded: it has several outputs, but only the last stage can have " +
        'outputTensors; set outputTensor instead',
    );
  });

  it('reach clients by name, all or those that they ask for', async () => {
    const { address } = await serverForTest({ zip: writeServiceDefinition(definition) });
    const client = new PredictionClient({ address, plaintext: true });
    afterwards(() => {
      client.close();
    });
    expect(await client.predictOutputs(images)).toEqual(EXPECTED);
    expect([...(await client.predictOutputs(images, ['scores'])).keys()]).toEqual(['scores']);
    await expect(client.predictOutputs(images, ['classes'])).rejects.toThrow(
      'unknown output "classes"; expected one of "boxes", "scores"',
    );
    expect((await client.modelMetadata()).outputs).toEqual({
      boxes: { dtype: 'DT_FLOAT', shape: [-1, 2, 2] },
      scores: { dtype: 'DT_FLOAT', shape: [-1, 1] },
    });
    const one = new PredictionClient({ address, plaintext: true, outputName: 'scores' });
    afterwards(() => {
      one.close();
    });
    expect(await one.predict(images)).toEqual(EXPECTED.get('scores'));
  });

  describe('of a brainwave stage', () => {
    const brainwave = {
      type: 'brainwave',
      name: 'detector',
      model_ref: 'detector',
      model_version: '1',
      output_tensors_dims: { boxes: [1, 2, 2], scores: [1, 1] },
    } satisfies StageJson;
    const software = {
      type: 'tensorflow',
      model_path: 'detector.pb',
      input_tensor: 'x:0',
      output_tensors: { boxes: 'boxes:0', scores: 'scores:0' },
    } as const;

    async function load(changes: Partial<BrainwaveStageJson>, accelerator?: AcceleratorOptions) {
      const content = definitionOf([{ ...brainwave, ...changes }], { 'detector.pb': detector });
      const pipeline = await Pipeline.load(content, { workers: 2, accelerator });
      afterwards(() => pipeline.close());
      return pipeline;
    }

    async function kserve(): Promise<AcceleratorOptions> {
      const accelerator = await AcceleratorProcess.kserve();
      afterwards(() => accelerator.close());
      return accelerator.options;
    }

    it('are those of its software without an accelerator', async () => {
      const pipeline = await load({ software });
      expect(pipeline.signature.output.parts).toEqual([
        { name: 'boxes', shape: [2, 2] },
        { name: 'scores', shape: [1] },
      ]);
      const answer = await pipeline.score({ kind: 'tensor', tensor: images });
      expect(unpackOutputs(answer)).toEqual(EXPECTED);
    });

    it('come from an accelerator of TensorFlow Serving, named as in the stage or in its software', async () => {
      const zip = writeServiceDefinition(definition);
      const { address } = await serverForTest({ zip, modelName: 'detector' });
      const pipeline = await load({}, { protocol: 'tensorflow-serving', address, maxBatch: 2 });
      expect(pipeline.signature.output.parts).toEqual([
        { name: 'boxes', shape: [2, 2] },
        { name: 'scores', shape: [1] },
      ]);
      const answer = await pipeline.score({ kind: 'tensor', tensor: images });
      expect(unpackOutputs(answer)).toEqual(EXPECTED);

      const renamed = await load(
        {
          output_tensors_dims: { a: [1, 1], b: [1, 2, 2] },
          software: { ...software, output_tensors: { a: 'scores:0', b: 'boxes:0' } },
        },
        { protocol: 'tensorflow-serving', address },
      );
      expect([...unpackOutputs(await renamed.score({ kind: 'tensor', tensor: images }))]).toEqual([
        ['a', EXPECTED.get('scores')],
        ['b', EXPECTED.get('boxes')],
      ]);
    });

    it('come from an accelerator of KServe, named as in its options', async () => {
      const outputTensors = { scores: 'SCORES' };
      const pipeline = await load({}, { ...(await kserve()), outputTensors, maxBatch: 2 });
      const answer = await pipeline.score({ kind: 'tensor', tensor: images });
      expect(unpackOutputs(answer)).toEqual(EXPECTED);
    });

    it('that the accelerator lacks or that have another shape make it not ready', async () => {
      const options = await kserve();
      const problem = async (changes: Partial<BrainwaveStageJson>, more: Partial<AcceleratorOptions>) =>
        (await load(changes, { ...options, ...more })).problem?.message;
      const detectorModel = "the accelerator's model 'detector' (version '1')";
      expect(await problem({}, {})).toContain(
        `${detectorModel} has the outputs SCORES, boxes; set outputTensors["scores"] of the accelerator to one of them`,
      );
      expect(await problem({}, { outputTensors: { scores: 'classes' } })).toContain(
        `${detectorModel} has the outputs SCORES, boxes, not 'classes'; correct outputTensors["scores"] of the accelerator`,
      );
      expect(
        await problem(
          { output_tensors_dims: { boxes: [1, 8], scores: [1, 1] } },
          { outputTensors: { scores: 'SCORES' } },
        ),
      ).toContain(
        `${detectorModel} returns [n, 2, 2] at 'boxes', but outputTensorsDims["boxes"] is [n, 8]; ` +
          'correct the one that is wrong',
      );
    });

    it('are checked when the service starts', async () => {
      const options: AcceleratorOptions = { protocol: 'kserve-v2', address: '127.0.0.1:1' };
      await expect(load({}, { ...options, outputTensors: { classes: 'y' } })).rejects.toThrow(
        `the accelerator's outputTensors has "classes", which is not an output of stage 'detector'; remove it, or add it to ` +
          'outputTensorsDims of the stage',
      );
      const dims = { boxes: [1, 3, 2], scores: [1, 1] };
      await expect(load({ software, output_tensors_dims: dims })).rejects.toThrow(
        `'detector.pb' computes [n, 2, 2], but outputTensorsDims["boxes"] is [n, 3, 2]; correct the one that is wrong`,
      );
      const stages = [{ ...brainwave, software }, { type: 'softmax', name: 'softmax' } as const];
      await expect(Pipeline.load(definitionOf(stages, { 'detector.pb': detector }))).rejects.toThrow(
        "stage 'detector' cannot be loaded: it has several outputs, but only the last stage can have " +
          'outputTensorsDims; set outputTensorDims instead',
      );
    });

    it.each<[Partial<BrainwaveStageJson>, string]>([
      [
        { output_tensors_dims: {} },
        'expected output_tensor_dims, or output_tensors_dims with at least one output',
      ],
      [
        { output_tensor_dims: [1, 3] },
        'expected output_tensor_dims, or output_tensors_dims with at least one output',
      ],
      [
        { software: { ...software, output_tensors: { boxes: 'boxes:0' } } },
        'expected the outputs of output_tensors_dims',
      ],
    ])('are rejected in a definition with %j', (changes, problem) => {
      const pipeline = [{ ...brainwave, ...changes }];
      expect(() => parseServiceDefinition({ aml_runtime_version: '1.0', pipeline })).toThrow(problem);
    });
  });

  it('are tested one by one: a smoke test names the output to check', async () => {
    const image = {
      type: 'image',
      name: 'image',
      resize: 2,
      crop: 2,
      channels: 1,
      method: 'bilinear',
      mean: [0],
      scale: 0.01,
    } satisfies StageJson;
    const graph = graphBytes([
      placeholder('x', [-1, 2, 2, 1]),
      integers('shape', [2], [-1, 4]),
      node('flat', 'Reshape', ['x', 'shape'], float),
      node('classes', 'Softmax', ['flat'], float),
    ]);
    const several = { ...stage, output_tensors: { pixels: 'x:0', classes: 'classes:0' } };
    const { port } = await serverForTest({
      zip: writeServiceDefinition(definitionOf([image, several], { 'detector.pb': graph })),
    });
    const folder = await temporaryFolder();
    afterwards(() => folder.remove());
    const baseline = { file: path.join(folder.path, 'baseline.json'), tolerance: 0.001 };
    const test = (outputName: string | undefined, expected: SmokeTestExpectation, changes = {}) =>
      runSmokeTest({
        target: { host: '127.0.0.1', port, plaintext: true, outputName },
        samples: [{ path: path.resolve(__dirname, '../../../examples/quickstart/images/chelsea.png') }],
        expect: expected,
        warmCalls: { count: 1 },
        ...changes,
      });
    const failureOf = async (outputName: string | undefined, expected: SmokeTestExpectation, changes = {}) =>
      (await test(outputName, expected, changes)).failure?.message;
    expect(await test('classes', { minimumProbability: 0.25 })).toMatchObject({ passed: true });
    expect(await failureOf(undefined, { minimumProbability: 0.25 })).toMatch(
      /got the outputs .*, expected "output_alias"/,
    );

    const pixels = { shape: [2, 2, 1], minimumValue: 0, maximumValue: 2.55 };
    expect(await test('pixels', pixels)).toMatchObject({
      passed: true,
      samples: [
        {
          detail: expect.stringMatching(
            /^output "pixels" is \[2, 2, 1\] with values from [\d.]+ to [\d.]+$/,
          ) as string,
        },
      ],
    });
    expect(await failureOf('pixels', { shape: [4] })).toBe(
      'output "pixels" has the shape [2, 2, 1]; expected [4]',
    );
    expect(await failureOf('pixels', { minimumValue: 100 })).toMatch(/ to [\d.]+; expected at least 100$/);
    expect(await failureOf('pixels', { maximumValue: 0 })).toMatch(/ to [\d.]+; expected at most 0$/);
    expect(await failureOf(undefined, pixels)).toBe(
      'got the outputs classes, pixels, expected one; set target.outputName to the output to check',
    );

    expect(await test('pixels', pixels, { baseline, updateBaseline: true })).toMatchObject({ passed: true });
    expect(await test('pixels', pixels, { baseline })).toMatchObject({
      passed: true,
      samples: [{ drift: 0 }],
    });
    expect(await failureOf('classes', { shape: [4] }, { baseline })).toContain(
      'has another shape than the baseline',
    );
  });
});
