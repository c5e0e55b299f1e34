import path from 'node:path';

import fc from 'fast-check';

import { PredictionClient } from '../../../lib/client';
import { Pipeline } from '../../../lib/server/pipeline';
import { packOutputs, unpackOutputs } from '../../../lib/server/pipeline/named-outputs';
import type { StageJson } from '../../../lib/service-definition/service-definition-json';
import { writeServiceDefinition } from '../../../lib/service-definition';
import type { FloatTensor } from '../../../lib/wire/tensor';
import { runSmokeTest } from '../../../lib/smoke-test';
import { afterwards } from '../../support/cleanup';
import { serverForTest } from '../support/test-server';
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
        'output_tensors; set output_tensor instead',
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

  it('are tested one by one: a smoke test names the output that has the probabilities', async () => {
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
    const test = (outputName?: string) =>
      runSmokeTest({
        target: { host: '127.0.0.1', port, plaintext: true, outputName },
        samples: [{ path: path.resolve(__dirname, '../../../examples/quickstart/images/chelsea.png') }],
        expect: { minimumProbability: 0.25 },
        warmCalls: { count: 1 },
      });
    expect(await test('classes')).toMatchObject({ passed: true });
    expect((await test()).failure?.message).toMatch(/got the outputs .*, expected "output_alias"/);
  });
});
