import type { AttrValue__Output } from '../../wire/proto/types/tensorflow/AttrValue';
import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';

/*
 * TensorFlow 2 omits attributes that have their default value when it saves a model. TensorFlow.js fills most of them in, but it
 * needs these, or has another default.
 */
const NO_DILATION = { dilations: whole(1, 1, 1, 1) };
/** TensorFlow.js has 0.001. */
const EPSILON = { epsilon: { f: 0.0001, value: 'f' } as const };
const DEFAULTS: ReadonlyMap<string, NodeDef__Output['attr']> = new Map<string, NodeDef__Output['attr']>([
  ['Conv2D', NO_DILATION],
  ['DepthwiseConv2dNative', NO_DILATION],
  ['Conv3D', { dilations: whole(1, 1, 1, 1, 1) }],
  ['FusedBatchNorm', EPSILON],
  ['FusedBatchNormV2', EPSILON],
  ['FusedBatchNormV3', EPSILON],
  ['CropAndResize', { method: text('bilinear') }],
  ['DepthToSpace', { data_format: text('NHWC') }],
  ['Range', { Tidx: { type: 'DT_INT32', value: 'type' } }],
  ['TopKV2', { sorted: { b: true, value: 'b' } }],
]);

/**
 * Returns nodes that TensorFlow.js computes as TensorFlow does: with the default attributes that it lacks, and without `Erfc`, which
 * the GELU of Keras uses.
 */
export function toTfjsOperations(nodes: readonly NodeDef__Output[]): readonly NodeDef__Output[] {
  return nodes.flatMap((node) => {
    if (node.op === 'Erfc') {
      return complementOfErf(node);
    }
    const defaults = DEFAULTS.get(node.op);
    return defaults ? { ...node, attr: { ...defaults, ...node.attr } } : node;
  });
}

/** `erfc(x) = 1 - erf(x)` */
function complementOfErf({ name, input, attr, device }: NodeDef__Output): readonly NodeDef__Output[] {
  const [erf, one] = [`${name}/erf`, `${name}/one`];
  const value: AttrValue__Output = {
    tensor: {
      dtype: 'DT_FLOAT',
      tensorShape: { dim: [], unknownRank: false },
      versionNumber: 0,
      tensorContent: Buffer.alloc(0),
      floatVal: [1],
      doubleVal: [],
      intVal: [],
      stringVal: [],
      int64Val: [],
      boolVal: [],
      halfVal: [],
    },
    value: 'tensor',
  };
  return [
    { name: erf, op: 'Erf', input, attr, device },
    {
      name: one,
      op: 'Const',
      input: [],
      attr: { dtype: { type: 'DT_FLOAT', value: 'type' }, value },
      device,
    },
    { name, op: 'Sub', input: [one, erf], attr, device },
  ];
}

function whole(...numbers: number[]): AttrValue__Output {
  return {
    list: { i: numbers, s: [], f: [], b: [], type: [], shape: [], tensor: [], func: [] },
    value: 'list',
  };
}

function text(value: string): AttrValue__Output {
  return { s: Buffer.from(value), value: 's' };
}
