import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Pipeline } from '../../lib/server/pipeline';
import { unpackOutputs } from '../../lib/server/pipeline/named-outputs';
import {
  ServiceDefinition,
  ServiceDefinitionError,
  Stage,
  type SavedModelStageProps,
} from '../../lib/service-definition';
import { messageType } from '../../lib/wire/proto/load';
import type { GraphDef } from '../../lib/wire/proto/types/tensorflow/GraphDef';
import type { SavedModel, SavedModel__Output } from '../../lib/wire/proto/types/tensorflow/SavedModel';
import { node, decodeGraph, placeholder } from '../server/pipeline/support/graph';
import { writeBundle } from '../tensorflow/support/checkpoint-writer';
import { TINY_FEATURES, tinyImages } from '../tensorflow/support/tiny-checkpoint';
import { craftZip } from './support/crafted-zip';
import { ModelFolder } from './support/model-folder';
import { preprocessArrayGraph, PREPROCESS_OUTPUT } from './support/preprocess-array';

const TINY = path.resolve(__dirname, '../tensorflow/tiny-saved-model');
/** What TensorFlow 1.10 answers for the two images. */
const TINY_PROBABILITIES = [
  0.0018449643393978477, 0.009076609276235104, 0.03335081785917282, 0.9557275176048279, 0.0017417458584532142,
  0.008706786669790745, 0.034747835248708725, 0.9548036456108093,
];

let folder: ModelFolder;

beforeEach(() => {
  folder = new ModelFolder();
});

afterEach(() => {
  folder.remove();
});

function refusal(props: Partial<SavedModelStageProps>): string {
  try {
    Stage.savedModel({ name: 'model', path: TINY, ...props });
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceDefinitionError);
    return (error as Error).message;
  }
  return 'it was accepted';
}

async function score(stage: Stage, tensor = tinyImages): Promise<ReadonlyMap<string, readonly number[]>> {
  const { _content: content } = new ServiceDefinition({ stages: [stage] });
  const pipeline = await Pipeline.load(content, { workers: 1 });
  try {
    const answer = await pipeline.score({ kind: 'tensor', tensor });
    const outputs = answer.parts ? unpackOutputs(answer) : new Map([['only', answer]]);
    return new Map([...outputs].map(([name, { data }]) => [name, [...data]]));
  } finally {
    await pipeline.close();
  }
}

function expectClose(found: readonly number[] | undefined, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found?.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index], 4);
  });
}

/** A SavedModel of a test's own. */
function write(
  graph: GraphDef,
  changes: { tags?: string[]; input?: string; dtype?: 'DT_FLOAT' | 'DT_STRING' } = {},
): string {
  const { tags = ['serve'], input = 'x:0', dtype = 'DT_FLOAT' } = changes;
  const bytes = messageType<SavedModel, SavedModel__Output>('tensorflow.SavedModel').serialize({
    savedModelSchemaVersion: 1,
    metaGraphs: [
      {
        metaInfoDef: { tags },
        graphDef: graph,
        signatureDef: {
          serving_default: {
            inputs: { x: { name: input, dtype, tensorShape: { dim: [{ size: -1 }, { size: 2 }] } } },
            outputs: { y: { name: 'y:0', dtype: 'DT_FLOAT' } },
          },
        },
      },
    ],
  });
  folder.write('saved_model.pb', bytes);
  return folder.path;
}

describe('a SavedModel', () => {
  it('of TensorFlow 1.10 answers as TensorFlow does', async () => {
    const stage = Stage.savedModel({ name: 'model', path: TINY });
    expect(stage.input).toEqual([-1, 224, 224, 3]);
    expectClose((await score(stage)).get('only'), TINY_PROBABILITIES);
  });

  it('gives all outputs of a signature by name, or one', async () => {
    const all = await score(Stage.savedModel({ name: 'model', path: TINY, signatureName: 'features' }));
    expectClose(all.get('features'), TINY_FEATURES);
    expectClose(all.get('probabilities'), TINY_PROBABILITIES);
    const one = Stage.savedModel({
      name: 'model',
      path: TINY,
      signatureName: 'features',
      outputTensor: 'features',
    });
    expect(one.output).toEqual([-1, 1, 1, 4]);
    expectClose((await score(one)).get('only'), TINY_FEATURES);
    const tensor = Stage.savedModel({ name: 'model', path: TINY, outputTensor: 'resnet_v1_50/pool5:0' });
    expectClose((await score(tensor)).get('only'), TINY_FEATURES);
  });

  it.each(['', 'exported/1/'])('may be a zip, below "%s"', (below) => {
    const names = ['saved_model.pb', 'variables/variables.index', 'variables/variables.data-00000-of-00001'];
    const zip = craftZip(
      names.map((name) => ({
        name: `${below}${name}`,
        content: readFileSync(path.join(TINY, name)),
        deflate: true,
      })),
    );
    const file = folder.write('model.zip', zip);
    const [fromZip, fromFolder] = [file, TINY].map((each) => Stage.savedModel({ name: 'model', path: each }));
    expect([...fromZip.files]).toEqual([...fromFolder.files]);
  });

  it.each(['1', 'exported/1'])('is found in the subfolder %s, as TensorFlow Serving expects it', (below) => {
    cpSync(TINY, path.join(folder.path, below), { recursive: true });
    const nested = Stage.savedModel({ name: 'model', path: folder.path });
    expect([...nested.files]).toEqual([...Stage.savedModel({ name: 'model', path: TINY }).files]);
  });

  it.each([
    ['', '1', '1/saved_model.pb, saved_model.pb'],
    ['1', '2', '1/saved_model.pb, 2/saved_model.pb'],
  ])('is rejected beside another one: in "%s" and "%s"', (first, second, listed) => {
    for (const below of [first, second]) {
      cpSync(TINY, path.join(folder.path, below), { recursive: true });
    }
    expect(refusal({ path: folder.path })).toBe(
      `stage "model": ${folder.path} contains 2 SavedModels (${listed}); ` +
        'set path to the subfolder of the one to run, or move the others out',
    );
  });

  it('of TensorFlow 2 is read: calls of functions, and variables under other names than their nodes', async () => {
    const float = { type: 'DT_FLOAT' } as const;
    const graph: GraphDef = {
      node: [
        placeholder('x', [-1, 2]),
        node('w', 'VarHandleOp', [], { dtype: float }),
        node('call', 'StatefulPartitionedCall', ['x', 'w'], { f: { func: { name: 'body' } } }),
        node('y', 'Identity', ['call'], { T: float }),
        node('names', 'Const', [], {
          value: {
            tensor: {
              dtype: 'DT_STRING',
              tensorShape: { dim: [{ size: 1 }] },
              stringVal: [Buffer.from('w/.ATTRIBUTES/VARIABLE_VALUE')],
            },
          },
        }),
        node('restore', 'RestoreV2', ['prefix', 'names', 'slices']),
        node('assign', 'AssignVariableOp', ['w', 'restore']),
      ],
      library: {
        function: [
          {
            signature: {
              name: 'body',
              inputArg: [{ name: 'x' }, { name: 'resource' }],
              outputArg: [{ name: 'sum' }],
            },
            nodeDef: [
              node('read', 'ReadVariableOp', ['resource'], { dtype: float }),
              node('add', 'AddV2', ['x', 'read:value:0'], { T: float }),
            ],
            ret: { sum: 'add:z:0' },
          },
        ],
      },
    };
    const saved = write(graph);
    mkdirSync(path.join(saved, 'variables'));
    for (const [name, content] of writeBundle('variables/variables', [
      { name: 'w/.ATTRIBUTES/VARIABLE_VALUE', shape: [2], values: Float32Array.of(10, 20) },
    ])) {
      writeFileSync(path.join(saved, name), content);
    }
    const answer = await score(Stage.savedModel({ name: 'model', path: saved }), {
      shape: [1, 2],
      data: Float32Array.of(1, 2),
    });
    expect(answer.get('only')).toEqual([11, 22]);
  });

  it.each<[string, Partial<SavedModelStageProps>, string]>([
    [
      'a signature that it lacks',
      { signatureName: 'classify' },
      'has no signature "classify"; set signatureName to one of: ',
    ],
    [
      'an output that it lacks',
      { outputTensor: 'boxes' },
      'has no output "boxes"; set outputTensor to one of: probabilities, or',
    ],
    [
      'an input that it lacks',
      { inputTensor: 'pixels' },
      'has no input "pixels"; set inputTensor to one of: images, or',
    ],
    ['a tensor that it lacks', { outputTensor: 'boxes:0' }, "has no node 'boxes'"],
  ])('is rejected for %s, with what it has', (_, props, message) => {
    expect(refusal(props)).toContain(`stage "model": ${TINY} ${message}`);
  });

  it('is rejected without the files that belong to it', () => {
    expect(refusal({ path: path.join(folder.path, 'none') })).toMatch(
      /^stage "model": path is .+, which does not exist; /,
    );
    expect(refusal({ path: folder.path })).toBe(
      `stage "model": ${folder.path} cannot be loaded: saved_model.pb: is missing; ` +
        'set the folder that contains it, or a zip of that folder',
    );
    writeFileSync(path.join(folder.path, 'saved_model.pb'), readFileSync(path.join(TINY, 'saved_model.pb')));
    expect(refusal({ path: folder.path })).toMatch(/has the variable '.+', but no checkpoint with its value/);
  });

  it('is rejected if it is damaged', () => {
    folder.write('saved_model.pb', 'text');
    expect(refusal({ path: folder.path })).toMatch(
      /cannot be loaded: saved_model\.pb: is not a SavedModel or is truncated; /,
    );
    expect(refusal({ path: folder.write('model.zip', 'text') })).toMatch(/is not a zip/);
  });

  it('that is not for serving is rejected', () => {
    folder.write('saved_model.pb', '');
    expect(refusal({ path: folder.path })).toMatch(/has no graph with the tag "serve"; /);
  });

  it('that decodes images as the Azure ML SDK does is rejected with the image stage to put before it', () => {
    const graph = decodeGraph(preprocessArrayGraph());
    graph.node.push({ ...graph.node[0], name: 'y', op: 'Identity', input: [PREPROCESS_OUTPUT] });
    const saved = write(graph, { input: 'Placeholder:0', dtype: 'DT_STRING' });
    expect(refusal({ path: saved })).toBe(
      `stage "model": ${saved} expects strings at "Placeholder:0", which the Azure ML SDK's preprocess_array decodes; add ` +
        'Stage.image({ resize: 256, crop: 224, method: ResizeMethod.BILINEAR_TF1, mean: [123.68, 116.779, 103.939], ' +
        `scale: 1, order: ChannelOrder.RGB }) before it and set inputTensor to "${PREPROCESS_OUTPUT}"`,
    );
    const stage = Stage.savedModel({ name: 'model', path: saved, inputTensor: PREPROCESS_OUTPUT });
    expect(
      decodeGraph(Buffer.from([...stage.files.values()][0]))
        .node.map(({ op }) => op)
        .sort(),
    ).toEqual(['Identity', 'Placeholder']);
  });
});
