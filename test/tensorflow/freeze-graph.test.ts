import { Pipeline } from '../../lib/server/pipeline';
import { readCheckpoint } from '../../lib/tensorflow/checkpoint';
import { FileProblem } from '../../lib/tensorflow/file-problem';
import { freezeGraph } from '../../lib/tensorflow/freeze-graph';
import { GraphProblem } from '../../lib/tensorflow/graph-def/graph-node';
import { zipFolder, type ModelFolder } from '../../lib/tensorflow/model-folder';
import { TensorBundle } from '../../lib/tensorflow/tensor-bundle';
import type { FloatTensor } from '../../lib/wire/tensor';
import type { NodeDef } from '../../lib/wire/proto/types/tensorflow/NodeDef';
import {
  constant,
  decodeGraph,
  floats,
  graphBytes,
  node,
  placeholder,
} from '../server/pipeline/support/graph';
import { definitionOf } from '../server/pipeline/support/sample';
import { writeBundle, writeMetaGraph, type SavedVariable } from './support/checkpoint-writer';
import { tinyCheckpoint, TINY_FEATURES, tinyImages } from './support/tiny-checkpoint';

const float = { type: 'DT_FLOAT' } as const;

function text(name: string, values: readonly string[]): NodeDef {
  return constant(name, {
    dtype: 'DT_STRING',
    tensorShape: { dim: [{ size: values.length }] },
    stringVal: values.map((value) => Buffer.from(value)),
  });
}

/** `y = x + w`, where `w` is a variable of TensorFlow 1 or of TensorFlow 2. */
function sumGraph(kind: 'VariableV2' | 'VarHandleOp'): NodeDef[] {
  return [
    placeholder('x', [-1, 2]),
    node('w', kind, [], { dtype: float }),
    kind === 'VariableV2'
      ? node('w/read', 'Identity', ['w'], { T: float })
      : node('w/read', 'ReadVariableOp', ['w'], { dtype: float }),
    node('y', 'AddV2', ['x', 'w/read'], { T: float }),
  ];
}

/** The nodes with which a graph restores `w` from a tensor that is saved under another name. */
function restoreNodes(kind: 'Assign' | 'AssignVariableOp', savedAs: string): NodeDef[] {
  return [
    text('save/names', ['another', savedAs]),
    node('save/RestoreV2', 'RestoreV2', ['save/Const', 'save/names', 'save/slices']),
    node('save/Identity', 'Identity', ['save/RestoreV2:1'], { T: float }),
    node('save/Assign', kind, ['w', 'save/Identity']),
  ];
}

function bundleOf(...variables: readonly SavedVariable[]): TensorBundle {
  const files = writeBundle('v', variables);
  return TensorBundle.open('v', (name) => files.get(name));
}

const weights: SavedVariable = { name: 'w', shape: [2], values: Float32Array.of(10, 20) };

async function run(graph: Uint8Array, input: string, output: string, tensor: FloatTensor): Promise<number[]> {
  const stage = {
    type: 'tensorflow' as const,
    name: 'model',
    model_path: 'model.pb',
    input_tensor: input,
    output_tensor: output,
  };
  const pipeline = await Pipeline.load(definitionOf([stage], { 'model.pb': graph }), { workers: 1 });
  try {
    return [...(await pipeline.score({ kind: 'tensor', tensor })).data];
  } finally {
    await pipeline.close();
  }
}

describe('freezing a graph', () => {
  it.each(['VariableV2', 'VarHandleOp'] as const)('puts the value of a %s in its place', async (kind) => {
    const frozen = freezeGraph(decodeGraph(graphBytes(sumGraph(kind))), bundleOf(weights), 'x:0', ['y:0']);
    const tensor = { shape: [1, 2], data: Float32Array.of(1, 2) };
    expect(await run(frozen.bytes, 'x:0', frozen.outputs[0], tensor)).toEqual([11, 22]);
  });

  it.each([
    ['VariableV2', 'Assign'],
    ['VarHandleOp', 'AssignVariableOp'],
  ] as const)('finds a %s that is saved under another name', (kind, assign) => {
    const graph = graphBytes([
      ...sumGraph(kind),
      ...restoreNodes(assign, 'layer/.ATTRIBUTES/VARIABLE_VALUE'),
    ]);
    const bundle = bundleOf({ ...weights, name: 'layer/.ATTRIBUTES/VARIABLE_VALUE' });
    const { bytes } = freezeGraph(decodeGraph(graph), bundle, 'x:0', ['y:0']);
    const value = decodeGraph(Buffer.from(bytes)).node.find(({ name }) => name === 'w')?.attr.value.tensor;
    expect(value?.tensorContent.readFloatLE(4)).toBe(20);
  });

  it('omits what the outputs do not need', () => {
    const graph = graphBytes([...sumGraph('VariableV2'), node('unused', 'Variable', [], { dtype: float })]);
    const { bytes } = freezeGraph(decodeGraph(graph), bundleOf(weights), 'x:0', ['y:0']);
    expect(
      decodeGraph(Buffer.from(bytes))
        .node.map(({ name }) => name)
        .sort(),
    ).toEqual(['w', 'w/read', 'x', 'y']);
  });

  function refusal(nodes: NodeDef[], bundle: TensorBundle | undefined, output = 'y:0'): string {
    try {
      freezeGraph(decodeGraph(graphBytes(nodes)), bundle, 'x:0', [output]);
    } catch (error) {
      expect(error instanceof GraphProblem || error instanceof FileProblem).toBe(true);
      return (error as Error).message;
    }
    return 'it was accepted';
  }

  it('rejects a variable that the checkpoint lacks', () => {
    expect(refusal(sumGraph('VariableV2'), bundleOf({ ...weights, name: 'other' }))).toBe(
      "v.index: has no tensor 'w'; it has other; use the checkpoint that belongs to the graph",
    );
    expect(refusal(sumGraph('VariableV2'), undefined)).toBe(
      "has the variable 'w', but no checkpoint with its value; freeze the graph",
    );
  });

  it('rejects a variable that the graph does not restore', () => {
    const nodes = [
      ...sumGraph('VarHandleOp'),
      node('copy', 'VarHandleOp', [], { dtype: float }),
      ...restoreNodes('AssignVariableOp', 'saved').map((each) => ({
        ...each,
        input: each.input?.map((input) => (input === 'w' ? 'copy' : input)),
      })),
    ];
    expect(refusal(nodes, bundleOf({ ...weights, name: 'saved' }))).toBe(
      "uses the variable 'w', whose value it does not restore, so that no model server can load it; save a Keras model with " +
        'model.export',
    );
  });

  it('rejects an output that does not exist', () => {
    expect(refusal(sumGraph('VariableV2'), bundleOf(weights), 'z:0')).toMatch(/^has no node 'z'/);
  });

  it('rejects a circle of nodes', () => {
    const circle = [
      placeholder('x', [-1, 2]),
      node('a', 'AddV2', ['x', 'b'], { T: float }),
      node('b', 'Identity', ['a'], { T: float }),
      node('y', 'Identity', ['b'], { T: float }),
    ];
    expect(refusal(circle, undefined)).toMatch(/^feeds '[ab]' with its own output; save the graph again$/);
  });

  it('is not exhausted by a long chain', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) =>
      node(`n${index}`, 'Identity', [index === 0 ? 'x' : `n${index - 1}`], { T: float }),
    );
    expect(refusal([placeholder('x', [-1, 2]), ...chain], undefined, 'n19999:0')).toBe('it was accepted');
  });
});

describe('a checkpoint folder', () => {
  const folderOf = (files: ReadonlyMap<string, Uint8Array>): ModelFolder =>
    zipFolder(files, '', (content) => content);

  function refusal(files: ReadonlyMap<string, Uint8Array>): string {
    try {
      readCheckpoint(folderOf(files));
    } catch (error) {
      expect(error).toBeInstanceOf(FileProblem);
      return (error as Error).message;
    }
    return 'it was accepted';
  }

  it('that TensorFlow 1.10 wrote gives the features that TensorFlow computes', async () => {
    const { graph, variables } = readCheckpoint(folderOf(tinyCheckpoint()));
    const { bytes, outputs } = freezeGraph(graph, variables, 'InputImage:0', ['resnet_v1_50/pool5:0']);
    const features = await run(bytes, 'InputImage:0', outputs[0], tinyImages);
    expect(features).toHaveLength(TINY_FEATURES.length);
    features.forEach((feature, index) => {
      expect(feature).toBeCloseTo(TINY_FEATURES[index], 4);
    });
  });

  const files = (): Map<string, Buffer> =>
    new Map([...writeBundle('v', [weights]), ['v.meta', writeMetaGraph({ node: sumGraph('VariableV2') })]]);

  it('is read without the file `checkpoint` where it holds one', () => {
    expect(readCheckpoint(folderOf(files())).variables.names).toEqual(['w']);
  });

  it('is read by the name that the file `checkpoint` gives, whichever machine wrote it', () => {
    const several = new Map([...files(), ...writeBundle('older', [{ ...weights, name: 'old' }])]);
    several.set('checkpoint', Buffer.from('model_checkpoint_path: "C:\\\\models\\\\v"\n'));
    expect(readCheckpoint(folderOf(several)).variables.names).toEqual(['w']);
  });

  it('is rejected if it contains several without a selection', () => {
    const several = new Map([...files(), ...writeBundle('older', [weights])]);
    expect(refusal(several)).toBe(
      'the folder: contains several checkpoints (v, older); ' +
        'add the file `checkpoint`, which selects the latest, or remove the others',
    );
  });

  it('is rejected if it contains none', () => {
    expect(refusal(new Map([['weights.h5', Buffer.from('')]]))).toBe(
      'the folder: contains no checkpoint (weights.h5); expected <prefix>.index, <prefix>.meta and <prefix>.data-00000-of-00001',
    );
  });

  it.each([
    ['is missing', undefined, 'save the checkpoint with its meta graph (write_meta_graph=True)'],
    ['is not a MetaGraphDef or is truncated', Buffer.from('text'), 'copy the checkpoint again'],
    [
      'has no graph',
      writeMetaGraph({ node: [] }),
      'save the checkpoint with its meta graph (write_meta_graph=True)',
    ],
  ])('is rejected if its meta graph %s', (finding, content, remedy) => {
    const changed = files();
    if (content) {
      changed.set('v.meta', content);
    } else {
      changed.delete('v.meta');
    }
    expect(refusal(changed)).toBe(`v.meta: ${finding}; ${remedy}`);
  });

  it('needs no variables where the graph has none', () => {
    const nodes = [
      placeholder('x', [-1, 2]),
      floats('two', [1], [2]),
      node('y', 'Mul', ['x', 'two'], { T: float }),
    ];
    expect(freezeGraph(decodeGraph(graphBytes(nodes)), undefined, 'x:0', ['y:0']).outputs).toEqual(['y']);
  });
});
