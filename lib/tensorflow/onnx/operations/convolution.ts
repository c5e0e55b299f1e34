import type { Attributes } from '../onnx-model';
import type { Operand, Operation } from '../operation';
import type { Dim } from '../shape';
import type { Translation } from '../translation';
import { Value, type Edges, type Layout, type Pair } from '../value';

/** How a window moves over rows and columns. */
export interface Window {
  readonly attributes: Attributes;
  /** Rows and columns of the result. */
  readonly sizes: readonly [Dim, Dim];
}

interface WindowOptions {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations?: Pair | undefined;
  /** Padding at the start and the end that replaces that of the node. */
  readonly pads?: Edges | undefined;
}

/**
 * Translates TensorFlow's padding. ONNX pads symmetrically unless it gets each side.
 * @see https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
 */
export function planWindow(
  node: Operand,
  to: Translation,
  [rows = to.unknownSize(), columns = to.unknownSize()]: readonly (Dim | undefined)[],
  { kernel, strides, dilations = [1, 1], pads }: WindowOptions,
): Window {
  const padding = node.text('padding', 'VALID');
  const explicit = node.list('explicit_paddings');
  if ([...kernel, ...strides, ...dilations].some((each) => !(each >= 1))) {
    node.refuse(`with the strides ${strides.join(', ')}`);
  }
  const along = ([size, given, axis]: readonly [Dim, Pair | undefined, 0 | 1]) => {
    const stride = strides[axis];
    const extent = (kernel[axis] - 1) * dilations[axis] + 1;
    const out = (pad: Pair): Dim =>
      typeof size === 'number'
        ? Math.floor((size + pad[0] + pad[1] - extent) / stride) + 1
        : extent === 1 + pad[0] + pad[1] && stride === 1
          ? size
          : to.unknownSize();
    if (given !== undefined || padding === 'VALID' || (padding === 'SAME' && extent === 1)) {
      const pad = given ?? ([0, 0] as const);
      return { pad, size: out(pad) };
    }
    if (padding === 'EXPLICIT') {
      const from = (node.text('data_format', 'NHWC') === 'NHWC' ? 2 : 4) + 2 * axis;
      const pad = [explicit[from] ?? 0, explicit[from + 1] ?? 0] as const;
      return { pad, size: out(pad) };
    }
    if (typeof size !== 'number' && stride > 1) {
      return { pad: undefined, size: to.unknownSize() };
    }
    const total =
      typeof size === 'number'
        ? Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0)
        : extent - 1;
    const pad = [Math.floor(total / 2), Math.ceil(total / 2)] as const;
    return { pad, size: out(pad) };
  };
  const [vertical, horizontal] = [along([rows, pads?.rows, 0]), along([columns, pads?.columns, 1])];
  const common = { strides, ...(dilations.some((each) => each > 1) && { dilations }) };
  if (vertical.pad === undefined || horizontal.pad === undefined) {
    if ([0, 1].some((axis) => (kernel[axis] ?? 1) < (strides[axis] ?? 1))) {
      node.refuse('of unknown size with strides larger than its window');
    }
    return {
      attributes: { ...common, auto_pad: 'SAME_UPPER' },
      sizes: [vertical.size, horizontal.size],
    };
  }
  if ([vertical.size, horizontal.size].some((size) => typeof size === 'number' && size < 1)) {
    node.refuse('with a window larger than its input');
  }
  return {
    attributes: {
      ...common,
      pads: [vertical.pad[0], horizontal.pad[0], vertical.pad[1], horizontal.pad[1]],
    },
    sizes: [vertical.size, horizontal.size],
  };
}

/** Picks rows and columns from an attribute that has one number for each axis. */
export function spatial(node: Operand, attribute: string): Pair {
  const list = node.list(attribute, [1, 1, 1, 1]);
  const isPlanar = node.text('data_format', 'NHWC') === 'NCHW';
  return isPlanar ? [list[2] ?? 1, list[3] ?? 1] : [list[1] ?? 1, list[2] ?? 1];
}

/** A tensor of rank 4 in the layout of ONNX, which the graph may use itself. */
export interface Planes {
  /** Name of the ONNX tensor. */
  readonly name: string;
  /** Batch, channels, rows, columns. */
  readonly shape: readonly [Dim, Dim, Dim, Dim];
}

/** Reads an input as NCHW, whichever layout the node declares. */
export function readPlanes(node: Operand, to: Translation, value: Value): Planes {
  if (value.shape !== undefined && value.rank !== 4) {
    node.refuse(`of ${value.rank} dimensions`);
  }
  const [
    first = to.unknownSize(),
    second = to.unknownSize(),
    third = to.unknownSize(),
    fourth = to.unknownSize(),
  ] = value.shape ?? [];
  const isPlanar = node.text('data_format', 'NHWC') === 'NCHW';
  return isPlanar
    ? { name: to.read(value), shape: [first, second, third, fourth] }
    : { name: to.read(value, 'NCHW'), shape: [first, fourth, second, third] };
}

/** The value of a tensor that ONNX computed as NCHW, in the layout that the node declares. */
export function planesValue(node: Operand, to: Translation, name: string, shape: Planes['shape']): Value {
  const [batch, channels, rows, columns] = shape;
  const isPlanar = node.text('data_format', 'NHWC') === 'NCHW';
  const layout: Layout = isPlanar ? 'NHWC' : 'NCHW';
  return to.value('float', name, { shape: isPlanar ? shape : [batch, rows, columns, channels] }, layout);
}

/** Height, width, input and output channels of a filter. */
function filterShape(node: Operand): readonly [number, number, number, number] {
  const shape = node.input(1).shape ?? [];
  const [height, width, input, output] = shape;
  if (
    typeof height !== 'number' ||
    typeof width !== 'number' ||
    typeof input !== 'number' ||
    typeof output !== 'number'
  ) {
    return node.refuse('with a filter of unknown size');
  }
  return [height, width, input, output];
}

function convolve(
  node: Operand,
  to: Translation,
  kernel: Pair,
  weights: string,
  outChannels: number,
  inChannelsPerGroup: number,
): Value {
  const input = node.input(0);
  const isValid = node.text('padding', 'VALID') === 'VALID' && node.text('data_format', 'NHWC') === 'NHWC';
  const { padded, blocks } = isValid ? input.facts : {};
  const { name, shape } = readPlanes(node, to, padded?.source ?? blocks?.source ?? input);
  const [batch, channels, rows, columns] = shape;
  const dilations = blocks?.size ?? spatial(node, 'dilations');
  const strides = spatial(node, 'strides');
  if (blocks !== undefined && strides.some((stride) => stride > 1)) {
    node.refuse('with strides and dilations');
  }
  const convolution = (pads: WindowOptions['pads']): Value => {
    const { attributes, sizes } = planWindow(node, to, [rows, columns], { kernel, strides, dilations, pads });
    const group = typeof channels === 'number' ? channels / inChannelsPerGroup : 1;
    const result = to.node('Conv', [name, weights], { ...attributes, kernel_shape: kernel, group });
    return planesValue(node, to, result, [batch, outChannels, ...sizes]);
  };
  // ONNX cannot convolve blocks: BatchToSpaceND, which must follow, becomes the dilated convolution.
  return blocks === undefined
    ? convolution(padded)
    : new Value('float', { shape: input.shape, dilated: { blocks, convolution } });
}

const conv2D: Operation = (node, to) => {
  const [height, width, input, output] = filterShape(node);
  const weights = to.readPermuted(node.input(1), [3, 2, 0, 1]);
  return convolve(node, to, [height, width], weights, output, input);
};

const depthwise: Operation = (node, to) => {
  const [height, width, input, multiplier] = filterShape(node);
  const filter = node.input(1);
  const output = input * multiplier;
  const planar = to.readPermuted(filter, [2, 3, 0, 1]);
  const weights = to.node('Reshape', [planar, to.list(output, 1, height, width)]);
  return convolve(node, to, [height, width], weights, output, 1);
};

const transposed: Operation = (node, to) => {
  const [height, width, output] = filterShape(node);
  const sizes = node.input(0).facts.elements ?? [];
  const { name, shape } = readPlanes(node, to, node.input(2));
  const [batch, , ...from] = shape;
  const isPlanar = node.text('data_format', 'NHWC') === 'NCHW';
  const target = isPlanar ? sizes.slice(2, 4) : sizes.slice(1, 3);
  const strides = spatial(node, 'strides');
  const kernel: Pair = [height, width];
  if (node.text('padding', 'VALID') === 'EXPLICIT' || spatial(node, 'dilations').some((each) => each > 1)) {
    node.refuse('with explicit padding or dilations');
  }
  const full = ([0, 1] as const).map((axis) => {
    const [size, wanted] = [from[axis], target[axis]];
    if (typeof size !== 'number' || typeof wanted !== 'number') {
      return node.refuse('of unknown size');
    }
    return (size - 1) * strides[axis] + kernel[axis] - wanted;
  });
  const [rows = 0, columns = 0] = full;
  const pads = [rows, columns].map((excess) => Math.floor(Math.max(excess, 0) / 2));
  const ends = [rows, columns].map((excess) => Math.ceil(Math.max(excess, 0) / 2));
  const result = to.node('ConvTranspose', [name, to.readPermuted(node.input(1), [3, 2, 0, 1])], {
    strides,
    kernel_shape: kernel,
    pads: [...pads, ...ends],
    output_padding: [rows, columns].map((excess) => Math.max(-excess, 0)),
  });
  return planesValue(node, to, result, [batch, output, Number(target[0]), Number(target[1])]);
};

/** Blocks of rows and columns, and the padding or cropping at their start and end. */
function blockInputs(node: Operand): { readonly size: Pair } & Edges {
  const blocks = node.known(1);
  const [blockRows, blockColumns] = blocks;
  const [top = 0, bottom = 0, left = 0, right = 0] = node.known(2);
  return blocks.length !== 2
    ? node.refuse('of other axes than rows and columns')
    : { size: [blockRows, blockColumns], rows: [top, bottom], columns: [left, right] };
}

/** TensorFlow 1 expresses a dilated convolution as a convolution of blocks, into which the image is split before. */
const spaceToBatch: Operation = (node, to) => {
  const blocks = { source: node.input(0), ...blockInputs(node) };
  const channels = node.input(0).shape?.[3] ?? to.unknownSize();
  const shape = [to.unknownSize(), to.unknownSize(), to.unknownSize(), channels];
  return new Value('float', { shape, blocks });
};

const batchToSpace: Operation = (node) => {
  const { dilated } = node.input(0).facts;
  const { size, rows, columns } = blockInputs(node);
  if (dilated?.blocks.size.join() !== size.join()) {
    return node.refuse('that does not follow a convolution');
  }
  const uncropped = ([start, end]: Pair, [cropStart, cropEnd]: Pair): Pair =>
    start < cropStart || end < cropEnd
      ? node.refuse('that crops more than the padding')
      : [start - cropStart, end - cropEnd];
  return dilated.convolution({
    rows: uncropped(dilated.blocks.rows, rows),
    columns: uncropped(dilated.blocks.columns, columns),
  });
};

/** Convolutions. */
export const convolutionOperations: Readonly<Record<string, Operation>> = {
  BatchToSpaceND: batchToSpace,
  Conv2D: conv2D,
  Conv2DBackpropInput: transposed,
  DepthwiseConv2dNative: depthwise,
  SpaceToBatchND: spaceToBatch,
};
