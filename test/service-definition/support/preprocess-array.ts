import type { NodeDef } from '../../../lib/wire/proto/types/tensorflow/NodeDef';
import { constant, floats, graphBytes, integers, node } from '../../server/pipeline/support/graph';

export interface PreprocessOptions {
  readonly resize?: number;
  readonly crop?: number;
  /** If not, images are resized to squares of `crop` pixels, as `azureml-accel-models` can do. @default true */
  readonly preserveAspectRatio?: boolean;
  readonly mean?: readonly [number, number, number];
  readonly scale?: number;
  readonly order?: 'RGB' | 'BGR';
  /** Replaces nodes by their names, for graphs that are almost the SDK's. */
  readonly replace?: Readonly<Record<string, NodeDef>>;
}

const LOOP = 'map_normalize_jpeg/while/';
/** The tensors that a service definition names. */
export const PREPROCESS_INPUT = 'Placeholder:0';
export const PREPROCESS_OUTPUT = 'map_normalize_jpeg/TensorArrayStack/TensorArrayGatherV3:0';

/**
 * The graph of the Azure ML SDK's `preprocess_array`, as far as it computes pixels: a `map_fn` loop that decodes,
 * resizes the shorter side, crops the center, subtracts a mean per channel, orders the channels and scales.
 */
export function preprocessArrayGraph(options: PreprocessOptions = {}): Buffer {
  const { resize = 256, crop = 224, preserveAspectRatio = true } = options;
  const { mean = [123.68, 116.779, 103.939], scale = 1, order = 'RGB' } = options;
  const nodes = [
    node('Placeholder', 'Placeholder', [], {
      dtype: { type: 'DT_STRING' },
      shape: { shape: { unknownRank: true } },
    }),
    node('map_normalize_jpeg/Shape', 'Shape', ['Placeholder']),
    node('map_normalize_jpeg/strided_slice', 'StridedSlice', ['map_normalize_jpeg/Shape']),
    node('map_normalize_jpeg/TensorArray', 'TensorArrayV3', ['map_normalize_jpeg/strided_slice']),
    node('map_normalize_jpeg/Scatter', 'TensorArrayScatterV3', [
      'map_normalize_jpeg/TensorArray',
      '',
      'Placeholder',
    ]),
    node('map_normalize_jpeg/TensorArray_1', 'TensorArrayV3', ['map_normalize_jpeg/strided_slice']),
    ...loop({ resize, crop, preserveAspectRatio, mean, scale, order }),
    node('map_normalize_jpeg/TensorArrayStack/TensorArrayGatherV3', 'TensorArrayGatherV3', [
      'map_normalize_jpeg/TensorArray_1',
      'map_normalize_jpeg/TensorArrayStack/range',
      `${LOOP}Exit_2`,
    ]),
  ];
  return graphBytes(nodes.map((each) => options.replace?.[each.name ?? ''] ?? each));
}

function loop(options: Required<Omit<PreprocessOptions, 'replace'>>): NodeDef[] {
  const { resize, crop, preserveAspectRatio, mean, scale, order } = options;
  const own = (name: string): string =>
    name.includes('/') && name.startsWith('map') ? name : `${LOOP}${name}`;
  const each = (name: string, op: string, inputs: readonly string[]): NodeDef =>
    node(own(name), op, inputs.map(own));
  const scalar = (name: string, value: number): NodeDef =>
    constant(own(name), { dtype: 'DT_FLOAT', tensorShape: {}, floatVal: [Math.fround(value)] });
  const integer = (name: string, value: number): NodeDef => integers(own(name), [], [value]);
  const half = (suffix: string, side: string): NodeDef[] => [
    integer(`sub${suffix}/y`, crop),
    each(`sub${suffix}`, 'Sub', [side, `sub${suffix}/y`]),
    integer(`truediv${suffix}/y`, 2),
    each(`truediv${suffix}/Cast`, 'Cast', [`sub${suffix}`]),
    each(`truediv${suffix}/Cast_1`, 'Cast', [`truediv${suffix}/y`]),
    each(`truediv${suffix}`, 'RealDiv', [`truediv${suffix}/Cast`, `truediv${suffix}/Cast_1`]),
  ];
  const channels = ['Sub_2', 'Sub_3', 'Sub_4'];
  return [
    each('Enter_2', 'Enter', ['map_normalize_jpeg/TensorArray_1:1']),
    each('Merge_2', 'Merge', ['Enter_2', 'NextIteration_2']),
    each('Switch_2', 'Switch', ['Merge_2', 'LoopCond']),
    each('TensorArrayReadV3', 'TensorArrayReadV3', ['TensorArrayReadV3/Enter', 'Identity_1']),
    node(own('DecodePng'), 'DecodePng', [own('TensorArrayReadV3')], {
      channels: { i: 3 },
      dtype: { type: 'DT_UINT8' },
    }),
    each('Cast', 'Cast', ['DecodePng']),
    integer('Const', resize),
    each('ToFloat', 'Cast', ['strided_slice']),
    each('ToFloat_1', 'Cast', ['strided_slice_1']),
    each('ToFloat_2', 'Cast', ['Const']),
    each('cond/truediv', 'RealDiv', ['cond/truediv/Switch:1', 'cond/truediv/Switch_1:1']),
    each('cond/truediv/Switch', 'Switch', ['ToFloat_2', 'cond/pred_id']),
    each('cond/truediv_1', 'RealDiv', ['cond/truediv_1/Switch', 'cond/truediv_1/Switch_1']),
    each('cond/truediv_1/Switch', 'Switch', ['ToFloat_2', 'cond/pred_id']),
    each('cond/Merge', 'Merge', ['cond/truediv_1', 'cond/truediv']),
    each('mul', 'Mul', ['ToFloat', 'cond/Merge']),
    each('ToInt32', 'Cast', ['mul']),
    each('mul_1', 'Mul', ['ToFloat_1', 'cond/Merge']),
    each('ToInt32_1', 'Cast', ['mul_1']),
    each('ExpandDims', 'ExpandDims', ['Cast', 'ExpandDims/dim']),
    preserveAspectRatio
      ? each('ResizeBilinear/size', 'Pack', ['ToInt32', 'ToInt32_1'])
      : integers(own('ResizeBilinear/size'), [2], [crop, crop]),
    node(own('ResizeBilinear'), 'ResizeBilinear', [own('ExpandDims'), own('ResizeBilinear/size')], {
      align_corners: { b: false },
    }),
    each('Squeeze', 'Squeeze', ['ResizeBilinear']),
    ...half('', 'strided_slice_2'),
    ...half('_1', 'strided_slice_3'),
    integer('stack/0', crop),
    integer('stack/1', crop),
    each('stack', 'Pack', ['stack/0', 'stack/1', 'strided_slice_4']),
    scalar('stack_1/2', 0),
    each('stack_1', 'Pack', ['truediv', 'truediv_1', 'stack_1/2']),
    each('ToInt32_2', 'Cast', ['stack_1']),
    each('Slice', 'Slice', ['Squeeze', 'ToInt32_2', 'stack']),
    each('Reshape', 'Reshape', ['Slice', 'stack']),
    each('ExpandDims_1', 'ExpandDims', [preserveAspectRatio ? 'Reshape' : 'Squeeze', 'ExpandDims_1/dim']),
    ...channels.flatMap((name, index) => [
      integers(own(`Slice_${index + 1}/begin`), [4], [0, 0, 0, index]),
      integers(own(`Slice_${index + 1}/size`), [4], [1, crop, crop, 1]),
      each(`Slice_${index + 1}`, 'Slice', [
        'ExpandDims_1',
        `Slice_${index + 1}/begin`,
        `Slice_${index + 1}/size`,
      ]),
      scalar(`${name}/y`, mean[index]),
      each(name, 'Sub', [`Slice_${index + 1}`, `${name}/y`]),
    ]),
    integer('concat/axis', 3),
    each('concat', 'ConcatV2', [...(order === 'RGB' ? channels : [...channels].reverse()), 'concat/axis']),
    scalar('mul_2/y', scale),
    each('mul_2', 'Mul', ['concat', 'mul_2/y']),
    each('Squeeze_1', 'Squeeze', ['mul_2']),
    each('TensorArrayWrite/TensorArrayWriteV3', 'TensorArrayWriteV3', [
      'TensorArrayWrite/TensorArrayWriteV3/Enter',
      'Identity_1',
      'Squeeze_1',
      'Identity_2',
    ]),
    each('NextIteration_2', 'NextIteration', ['TensorArrayWrite/TensorArrayWriteV3']),
    each('Exit_2', 'Exit', ['Switch_2']),
  ];
}

/** A classifier for the tiny checkpoint's four features: two classes, by a softmax. */
export function tinyClassifier(): Buffer {
  return graphBytes([
    node('resnet_v1_50/pool5', 'Placeholder', [], {
      dtype: { type: 'DT_FLOAT' },
      shape: { shape: { dim: [-1, 1, 1, 4].map((size) => ({ size })) } },
    }),
    integers('shape', [2], [-1, 4]),
    node('flat', 'Reshape', ['resnet_v1_50/pool5', 'shape'], { T: { type: 'DT_FLOAT' } }),
    floats('weights', [4, 2], [0.1, 0, 0, 0.2, 0.3, 0, 0, 0.1]),
    node('logits', 'MatMul', ['flat', 'weights'], { T: { type: 'DT_FLOAT' } }),
    node('resnet_v1_50/predictions/Softmax', 'Softmax', ['logits'], { T: { type: 'DT_FLOAT' } }),
  ]);
}
