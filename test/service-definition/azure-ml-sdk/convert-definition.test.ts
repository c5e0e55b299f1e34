import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import fc from 'fast-check';

import { Pipeline } from '../../../lib/server/pipeline';
import {
  readServiceDefinition,
  ServiceDefinition,
  ServiceDefinitionError,
  SoftwareModel,
  type ServiceDefinitionContent,
} from '../../../lib/service-definition';
import { readMetaGraph } from '../../../lib/tensorflow/meta-graph';
import type { GraphDef } from '../../../lib/wire/proto/types/tensorflow/GraphDef';
import { writeMetaGraph } from '../../tensorflow/support/checkpoint-writer';
import { tinyCheckpoint, TINY_FEATURES, tinyImages } from '../../tensorflow/support/tiny-checkpoint';
import { graphBytes, node } from '../../server/pipeline/support/graph';
import { tinyClassifier } from '../support/preprocess-array';
import {
  brainwaveStage2018,
  brainwaveStage2019,
  definition2018,
  FEATURIZER,
  manifest2019,
  sdkZip,
  stageFiles,
  TENSORFLOW_STAGES,
} from '../support/sdk-zip';

const LAYOUTS = [
  ['manifest.json of 2019', 'manifest.json', manifest2019],
  ['service_def.json of 2018', 'service_def.json', definition2018],
] as const;

async function refusal(zip: Uint8Array): Promise<string> {
  const error: unknown = await readServiceDefinition(zip).then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServiceDefinitionError);
  return (error as Error).message;
}

function warningsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const emit = jest.spyOn(process, 'emitWarning').mockReturnValue();
  return work().then(() => {
    const warnings = emit.mock.calls.map(([message]) => String(message));
    emit.mockRestore();
    return warnings;
  });
}

async function scores(content: ServiceDefinitionContent): Promise<number[]> {
  const pipeline = await Pipeline.load(content, { workers: 1 });
  try {
    return [...(await pipeline.score({ kind: 'tensor', tensor: tinyImages })).data];
  } finally {
    await pipeline.close();
  }
}

/** The softmax of the tiny classifier's logits for the features that TensorFlow computes. */
const expectedScores = [0, 4].flatMap((start) => {
  const [a = 0, b = 0, c = 0, d = 0] = TINY_FEATURES.slice(start, start + 4);
  const logits = [0.1 * a + 0.3 * c, 0.2 * b + 0.1 * d].map(Math.exp);
  return logits.map((value) => value / (logits[0] + logits[1]));
});

function expectScores(found: readonly number[]): void {
  expect(found).toHaveLength(4);
  found.forEach((value, index) => {
    expect(value).toBeCloseTo(expectedScores[index], 5);
  });
}

describe('a service definition of the Azure ML SDK', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sdk-definition-'));
    file = path.join(folder, 'model_def.zip');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('of 2019 becomes an image stage, a featurizer with its weights as software, and a classifier', async () => {
    const { definition, files } = await readServiceDefinition(sdkZip('manifest.json', manifest2019()));
    expect(definition.pipeline).toEqual([
      {
        type: 'image',
        name: 'image',
        resize: 256,
        crop: 224,
        channels: 3,
        method: 'bilinear-tf1',
        mean: [123.68, 116.779, 103.939],
        scale: 1,
      },
      {
        type: 'brainwave',
        name: 'resnet50',
        model_ref: 'resnet50',
        model_version: '1.1.2',
        output_tensor_dims: [1, 1, 1, 4],
        software: {
          type: 'tensorflow',
          model_path: 'resnet50-1/model.pb',
          input_tensor: 'InputImage:0',
          output_tensor: 'resnet_v1_50/pool5:0',
        },
      },
      {
        type: 'tensorflow',
        name: 'classifier',
        model_path: 'classifier-2/model.pb',
        input_tensor: 'resnet_v1_50/pool5:0',
        output_tensor: 'resnet_v1_50/predictions/Softmax:0',
      },
    ]);
    expect([...files.keys()]).toEqual(['resnet50-1/model.pb', 'classifier-2/model.pb']);
  });

  it("of 2019 answers as TensorFlow does, by its checkpoint's weights", async () => {
    expectScores(await scores(await readServiceDefinition(sdkZip('manifest.json', manifest2019()))));
  });

  it('of 2018 has no weights, and the server reports how to give it some', async () => {
    const content = await readServiceDefinition(sdkZip('service_def.json', definition2018()));
    expect(content.definition.pipeline[1]).toEqual({
      type: 'brainwave',
      name: 'resnet50',
      model_ref: 'resnet50',
      model_version: '1.1.6-rc',
      output_tensor_dims: [1, 1, 1, 4],
    });
    await expect(Pipeline.load(content)).rejects.toThrow(
      "stage 'resnet50' cannot run here: 'resnet50' runs on an accelerator, but none is configured; configure an " +
        'accelerator server, or set software of Stage.brainwave (of ServiceDefinition.fromZip for a zip without ' +
        'weights) to an ONNX file or a frozen GraphDef that computes the same features',
    );
  });

  it('of 2018 answers by software that is given', async () => {
    const from2019 = await readServiceDefinition(sdkZip('manifest.json', manifest2019()));
    const featurizer = path.join(folder, 'featurizer.pb');
    writeFileSync(featurizer, from2019.files.get('resnet50-1/model.pb')!);
    writeFileSync(file, sdkZip('service_def.json', definition2018()));
    const definition = ServiceDefinition.fromZip(file, {
      software: SoftwareModel.tensorflow({
        path: featurizer,
        inputTensor: 'InputImage:0',
        outputTensor: 'resnet_v1_50/pool5:0',
      }),
    });
    expectScores(await scores(await readServiceDefinition(definition._toZip())));
  });

  it('is written as a zip of this version, with the same bytes each time', async () => {
    writeFileSync(file, sdkZip('manifest.json', manifest2019()));
    const [first, second] = [ServiceDefinition.fromZip(file), ServiceDefinition.fromZip(file)];
    expect(first.sha256).toBe(second.sha256);
    const read = await readServiceDefinition(first._toZip());
    expect(read.definition.aml_runtime_version).toBe('1.0');
    expect(read.definition.pipeline).toHaveLength(3);
  });

  it('is given labels, which this version adds', () => {
    const labels = path.join(folder, 'labels.txt');
    writeFileSync(labels, 'cat\ndog\n');
    writeFileSync(file, sdkZip('manifest.json', manifest2019()));
    expect(ServiceDefinition.fromZip(file, { labels })._content.labels).toEqual(['cat', 'dog']);
    expect(() => ServiceDefinition.fromZip(file, { labels: path.join(folder, 'none.txt') })).toThrow(
      `labels is ${path.join(folder, 'none.txt')}, which does not exist`,
    );
  });

  it('rejects software where no stage takes it', () => {
    const [image, classifier] = TENSORFLOW_STAGES;
    writeFileSync(file, sdkZip('service_def.json', definition2018({ stages: [image, classifier] })));
    const model = path.join(folder, 'model.pb');
    writeFileSync(model, tinyClassifier());
    const software = SoftwareModel.tensorflow({ path: model, inputTensor: 'x:0', outputTensor: 'y:0' });
    expect(() => ServiceDefinition.fromZip(file, { software })).toThrow(ServiceDefinitionError);
  });

  describe.each(LAYOUTS)('with the layout %s', (_, entry, definitionOf) => {
    it('is read without what the SDKs left out or set to null', async () => {
      const stages = (definitionOf().pipeline as object[]).map((stage) => ({ ...stage, name: null }));
      const warnings = await warningsOf(() => readServiceDefinition(sdkZip(entry, definitionOf({ stages }))));
      expect(warnings).toEqual([]);
    });

    it('is read with fields that no one knows, which one warning names', async () => {
      const [first, brainwave, last] = definitionOf().pipeline as Record<string, unknown>[];
      const stages = [
        { ...first, color: 'red' },
        { ...brainwave, properties: { ...(brainwave.properties as object), fpga: 2 } },
        last,
      ];
      const zip = sdkZip(entry, definitionOf({ stages, more: { author: 'somebody', '\u001b[2J': 1 } }));
      expect(await warningsOf(() => readServiceDefinition(zip))).toEqual([
        expect.stringMatching(
          new RegExp(
            `^${entry}: ignored unknown fields: author, .+, color of stage 1, properties\\.fpga of stage 2$`,
          ),
        ),
      ]);
    });

    it('names the stage, the field and the remedy of what is wrong', async () => {
      const stage = { ...TENSORFLOW_STAGES[0], output_tensor: undefined };
      expect(await refusal(sdkZip(entry, definitionOf({ stages: [stage] })))).toMatch(
        new RegExp(
          `^${entry} is not a service definition of the Azure ML SDK: stage 1: output_tensor: .+; save it again with the SDK$`,
        ),
      );
    });

    it.each([
      ['a stage of another type', { type: 'spark', model_path: 'x' }, /: stage 1: type: /],
      ['a stage that is no object', 'resnet50', /: stage 1: /],
      [
        'dimensions that are none',
        { ...brainwaveStage2018, output_tensor_dims: ['a'] },
        /: stage 1: output_tensor_dims\.0: /,
      ],
    ])('rejects %s', async (__, stage, message) => {
      expect(await refusal(sdkZip(entry, definitionOf({ stages: [stage] })))).toMatch(message);
    });

    it('rejects a pipeline without stages', async () => {
      expect(await refusal(sdkZip(entry, definitionOf({ stages: [] })))).toMatch(/: pipeline: /);
    });

    it('reports which file of which stage the zip lacks', async () => {
      const files = stageFiles();
      const [name] = [...files.keys()];
      files.delete(name);
      expect(await refusal(sdkZip(entry, definitionOf(), files))).toBe(
        `stage 1 (tensorflow, ${name}): the zip does not contain its model_path ${name}; save the definition again`,
      );
    });

    it('rejects an invalid graph', async () => {
      const files = stageFiles();
      const [name] = [...files.keys()];
      files.set(name, Buffer.from('text'));
      expect(await refusal(sdkZip(entry, definitionOf(), files))).toBe(
        `stage 1 (tensorflow, ${name}) is not a GraphDef or is truncated; freeze the graph again`,
      );
    });

    it('rejects a graph that decodes images in its own way, with its operations and the remedy', async () => {
      const files = stageFiles();
      const [name] = [...files.keys()];
      const graph = graphBytes([
        node('Placeholder', 'Placeholder', [], { dtype: { type: 'DT_STRING' } }),
        node('decode', 'DecodeRaw', ['Placeholder']),
        node('map_normalize_jpeg/TensorArrayStack/TensorArrayGatherV3', 'Cast', ['decode']),
      ]);
      files.set(name, graph);
      expect(await refusal(sdkZip(entry, definitionOf(), files))).toMatch(
        /^stage 1 \(.+\) does not decode images like .+: its operations are Cast, DecodeRaw, Placeholder; write a service definition with Stage\.image instead$/,
      );
    });

    it('rejects a second stage that decodes images', async () => {
      const [image] = TENSORFLOW_STAGES;
      expect(await refusal(sdkZip(entry, definitionOf({ stages: [image, image] })))).toMatch(
        /^stage 2 \(.+\): decodes images, but is not the first stage; move it to the start$/,
      );
    });
  });

  describe('with a checkpoint', () => {
    const damaged = (change: (files: Map<string, Uint8Array>) => void): Promise<string> => {
      const files = stageFiles();
      change(files);
      return refusal(sdkZip('manifest.json', manifest2019(), files));
    };
    const where = `stage 2 (brainwave, ${FEATURIZER})`;

    it('names the stage and the file where the index points outside of the data file', async () => {
      const data = `${FEATURIZER}/tiny.data-00000-of-00001`;
      const message = await damaged((files) => files.set(data, files.get(data)!.subarray(0, 50)));
      expect(message).toMatch(
        /^stage 2 \(.+\): tiny\.data-00000-of-00001: according to the index, the tensor '.+' is at \d+ to \d+, but the file has only 50 bytes; copy the checkpoint again/,
      );
    });

    it('rejects a graph with a cycle', async () => {
      const circle = [
        node('InputImage', 'Placeholder', [], { dtype: { type: 'DT_FLOAT' } }),
        node('a', 'AddV2', ['InputImage', 'resnet_v1_50/pool5']),
        node('resnet_v1_50/pool5', 'Identity', ['a']),
      ];
      const message = await damaged((files) =>
        files.set(`${FEATURIZER}/tiny.meta`, writeMetaGraph({ node: circle })),
      );
      expect(message).toMatch(/^stage 2 \(.+\) feeds '.+' with its own output; save the graph again$/);
    });

    it('rejects a graph without the tensors of its model', async () => {
      const graph = { node: [node('other', 'Placeholder', [], { dtype: { type: 'DT_FLOAT' } })] };
      expect(await damaged((files) => files.set(`${FEATURIZER}/tiny.meta`, writeMetaGraph(graph)))).toBe(
        `${where} has no InputImage:0 or resnet_v1_50/pool5:0, which "resnet50" has; ` +
          'save the checkpoint with the graph that the SDK provides',
      );
    });

    it('is rejected for a model whose tensors no one knows', async () => {
      const stage = { ...brainwaveStage2019, properties: { model_ref: 'constructor', model_version: '1' } };
      const zip = sdkZip('manifest.json', manifest2019({ stages: [TENSORFLOW_STAGES[0], stage] }));
      expect(await refusal(zip)).toMatch(
        /^stage 2 \(.+\): the tensors of model_ref "constructor" are unknown; expected one of resnet50, .+; convert its checkpoint to ONNX and set it as software$/,
      );
    });

    it('uses the output name of azureml-accel-models', async () => {
      const files = stageFiles();
      const meta = tinyCheckpoint().get('tiny.meta')!;
      files.set(`${FEATURIZER}/tiny.meta`, writeMetaGraph(renameOutput(meta)));
      const { definition } = await readServiceDefinition(sdkZip('manifest.json', manifest2019(), files));
      expect(definition.pipeline[1]).toMatchObject({
        software: { output_tensor: 'brainwave_target_node_1_Version_0.1:0' },
      });
    });
  });

  it('is read or rejected, whatever its JSON says', async () => {
    const value = fc.oneof(
      fc.constantFrom(null, 'resnet50', 'tensorflow', 'brainwave', FEATURIZER, 224, [null, 1, 1, 4], {}),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const fields = [
      'type',
      'name',
      'model_path',
      'input_tensor',
      'output_tensor',
      'output_tensor_dims',
      'properties',
    ];
    const change = fc.record({ stage: fc.nat(2), field: fc.constantFrom(...fields), value });
    const emit = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const files = stageFiles();
    const checked = fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const stages = (manifest2019().pipeline as Record<string, unknown>[]).map((stage) => ({ ...stage }));
        for (const each of changes) {
          stages[each.stage][each.field] = each.value;
        }
        try {
          await readServiceDefinition(sdkZip('manifest.json', manifest2019({ stages }), files));
        } catch (error) {
          if (!(error instanceof ServiceDefinitionError)) {
            throw error;
          }
        }
      }),
      { numRuns: 60 },
    );
    await expect(checked).resolves.toBeUndefined();
    emit.mockRestore();
  });
});

function renameOutput(meta: Buffer): GraphDef {
  const nodes = readMetaGraph('tiny.meta', meta).graphDef!.node;
  return {
    node: nodes.map((each) =>
      each.name === 'resnet_v1_50/pool5' ? { ...each, name: 'brainwave_target_node_1_Version_0.1' } : each,
    ),
  };
}
