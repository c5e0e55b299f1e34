import type { Operand, Operation } from '../operation';
import { countOf, fromStart, permute, type Dim, type Dims } from '../shape';
import type { Translation } from '../translation';
import { TO_NHWC, type Element, type Layout, type Pair, type Value } from '../value';
import { removalLayout } from './reduction';

/** The end of an axis for `Slice`: larger than any size. */
const TO_THE_END = 2 ** 31 - 1;

/** Largest number of parts that an untrusted graph may split a tensor into. */
const MAX_PARTS = 4096;

const shapeOf: Operation = (node, to) => {
  const input = node.input(0);
  const name = input.isPlanar
    ? to.node('Gather', [to.node('Shape', [to.read(input, 'NCHW')]), to.list(...TO_NHWC)])
    : to.node('Shape', [to.read(input)]);
  return to.value('int', name, { shape: input.shape && [input.shape.length], elements: input.shape });
};

const rankOf: Operation = (node, to) => to.integers([node.rank(0)], []);

const sizeOf: Operation = (node, to) => {
  const { count } = node.input(0);
  const name = to.node('Size', [to.read(node.input(0))]);
  return to.value('int', name, { shape: [], elements: count === undefined ? undefined : [count] });
};

const reshape: Operation = (node, to) => {
  const [input, target] = [node.input(0), node.input(1)];
  const wanted = target.facts.elements;
  const sizes = wanted && resolveSizes(to, input.shape, wanted);
  const [, rows, columns, channels] = input.shape ?? [];
  // Without rows and columns, or with one channel, both layouts have the same elements in the same order.
  const isFlat = input.rank === 4 && ((rows === 1 && columns === 1) || channels === 1);
  const layout: Layout = isFlat && input.isPlanar ? 'NCHW' : 'NHWC';
  const rank = target.shape?.[0];
  const shape =
    sizes ?? (typeof rank === 'number' ? Array.from({ length: rank }, () => to.unknownSize()) : undefined);
  const constant = sizes && constantTarget(input.shape, sizes);
  const name = (): string =>
    to.node('Reshape', [to.read(input, layout), constant ? to.list(...constant) : to.read(target)]);
  return to.reshaped(input, name, shape, input.facts.elements);
};

/** Replaces -1 and elements that are unknown with sizes, as far as the other sizes determine them. */
function resolveSizes(to: Translation, from: Dims, wanted: readonly Element[]): readonly Dim[] {
  const isOpen = (size: Element): boolean => size === undefined || size === -1;
  const open = wanted.filter(isOpen).length;
  return wanted.map((size) => {
    if (size !== undefined && size !== -1) {
      return size;
    }
    const others = wanted.filter((each) => !isOpen(each)) as Dim[];
    return (open === 1 && from ? quotient(from, others) : undefined) ?? to.unknownSize();
  });
}

/** The size that is left of a shape's elements when other sizes are divided out. */
function quotient(from: readonly Dim[], by: readonly Dim[]): Dim | undefined {
  const names = from.filter((dim) => typeof dim === 'string');
  for (const dim of by.filter((each) => typeof each === 'string')) {
    const at = names.indexOf(dim);
    if (at < 0) {
      return undefined;
    }
    names.splice(at, 1);
  }
  const numbers = (dims: readonly Dim[]): number =>
    countOf(dims.filter((dim) => typeof dim === 'number')) ?? 1;
  const left = numbers(from) / numbers(by);
  if (names.length === 0) {
    return Number.isInteger(left) ? left : undefined;
  }
  return names.length === 1 && left === 1 ? names[0] : undefined;
}

/** ONNX's Reshape accepts one size to compute (-1), and sizes to keep (0). */
function constantTarget(from: Dims, sizes: readonly Dim[]): readonly number[] | undefined {
  if (sizes.includes(0)) {
    return undefined;
  }
  const named = sizes.filter((size) => typeof size === 'string');
  if (named.length <= 1) {
    return sizes.map((size) => (typeof size === 'number' ? size : -1));
  }
  const kept = sizes.map((size, axis) => (size === from?.[axis] ? 0 : size));
  const computed = kept.filter((size) => typeof size === 'string');
  return computed.length <= 1 ? kept.map((size) => (typeof size === 'number' ? size : -1)) : undefined;
}

const squeeze: Operation = (node, to) => {
  const input = node.input(0);
  const shape = input.shape ?? node.refuse('of an unknown number of dimensions');
  const given = node.list('squeeze_dims', node.list('axis'));
  if (given.length === 0 && shape.some((size) => typeof size === 'string')) {
    node.refuse('of unknown axes');
  }
  const axes =
    given.length > 0 ? node.axes(0, given) : shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const { layout, axes: removed } = removalLayout(input, axes);
  return to.reshaped(
    input,
    () => to.node('Squeeze', [to.read(input, layout), to.list(...removed)]),
    shape.filter((_, axis) => !axes.includes(axis)),
    input.facts.elements,
  );
};

const expandDims: Operation = (node, to) => {
  const input = node.input(0);
  const rank = node.rank(0);
  const axis = fromStart(node.known(1)[0] ?? 0, rank + 1);
  const shape = [...(input.shape ?? [])];
  shape.splice(axis, 0, 1);
  return to.reshaped(
    input,
    () => to.node('Unsqueeze', [to.read(input), to.list(axis)]),
    shape,
    input.facts.elements,
  );
};

/** The layout for an operation along an axis of tensors of the same rank, and the axis in it. */
function alongAxis(inputs: readonly Value[], axis: number): { layout: Layout; axis: number } {
  return inputs.every(({ rank }) => rank === 4) && inputs.some((input) => input.isPlanar)
    ? { layout: 'NCHW', axis: TO_NHWC[axis] ?? axis }
    : { layout: 'NHWC', axis };
}

function concatenate(node: Operand, to: Translation, inputs: readonly Value[], axisInput: number): Value {
  const rank = inputs.find((input) => input.rank !== undefined)?.rank;
  const given = node.known(axisInput)[0] ?? 0;
  const axis = rank === undefined ? given : fromStart(given, rank);
  const { layout, axis: at } = alongAxis(inputs, axis);
  const name = to.node(
    'Concat',
    inputs.map((input) => to.read(input, layout)),
    { axis: at },
  );
  const sizes = inputs.map((input) => input.shape?.[axis]);
  const total = sizes.every((size) => typeof size === 'number')
    ? sizes.reduce((sum, size) => sum + size, 0)
    : to.unknownSize();
  const shape = inputs[0]?.shape?.map((size, each) => (each === axis ? total : size));
  const all = inputs.flatMap(({ facts }) => facts.elements ?? [undefined]);
  const isList = rank === 1 && inputs.every(({ facts }) => facts.elements !== undefined);
  return to.value(inputs[0]?.type ?? 'float', name, { shape, elements: isList ? all : undefined }, layout);
}

const pack: Operation = (node, to) => {
  const { inputs } = node;
  const rank = node.rank(0);
  const axis = fromStart(node.int('axis'), rank + 1);
  const each = inputs.map((input) => to.node('Unsqueeze', [to.read(input), to.list(axis)]));
  const shape = [...(node.input(0).shape ?? [])];
  shape.splice(axis, 0, inputs.length);
  const isList = rank === 0 && node.input(0).type === 'int';
  const elements = isList ? inputs.map(({ facts }) => facts.elements?.[0]) : undefined;
  return to.value(node.input(0).type, to.node('Concat', each, { axis }), { shape, elements });
};

const unpack: Operation = (node, to) => {
  const input = node.input(0);
  const [axis = 0] = node.axes(0, [node.int('axis')]);
  const count = node.int('num', Number(input.shape?.[axis]));
  return split(node, to, input, axis, count, undefined).map((part) =>
    to.value(part.type, to.node('Squeeze', [to.read(part), to.list(axis)]), {
      shape: part.shape?.filter((_, each) => each !== axis),
    }),
  );
};

function split(
  node: Operand,
  to: Translation,
  input: Value,
  axis: number,
  count: number,
  sizes: readonly number[] | undefined,
): readonly Value[] {
  if (!(count > 0 && count <= MAX_PARTS)) {
    return node.refuse(`into ${count} parts`);
  }
  const { layout, axis: at } = alongAxis([input], axis);
  const inputs = [to.read(input, layout), ...(sizes ? [to.list(...sizes)] : [])];
  const names = to.model.node('Split', inputs, { axis: at, ...(!sizes && { num_outputs: count }) }, count);
  const whole = input.shape?.[axis];
  return names.map((name, part) => {
    const size = sizes?.[part] ?? (typeof whole === 'number' ? whole / count : to.unknownSize());
    const shape = input.shape?.map((each, index) => (index === axis ? size : each));
    return to.value(input.type, name, { shape }, layout);
  });
}

const splitEvenly: Operation = (node, to) => {
  const input = node.input(1);
  const [axis = 0] = node.axes(1, node.known(0));
  return split(node, to, input, axis, node.int('num_split', 1), undefined);
};

const splitBySizes: Operation = (node, to) => {
  const input = node.input(0);
  const [axis = 0] = node.axes(0, node.known(2));
  const given = node.known(1);
  const whole = input.shape?.[axis];
  const known = given.filter((size) => size >= 0).reduce((sum, size) => sum + size, 0);
  const sizes = given.map((size) =>
    size >= 0 ? size : typeof whole === 'number' ? whole - known : node.refuse('of unknown sizes'),
  );
  return split(node, to, input, axis, sizes.length, sizes);
};

const transpose: Operation = (node, to) => {
  const input = node.input(0);
  const rank = node.rank(0);
  const order = node.axes(0, node.known(1));
  const shape = permute(input.shape ?? [], order);
  if (rank !== 4) {
    return to.value(input.type, to.readPermuted(input, order), { shape });
  }
  // NCHW of the result is the input itself if the graph transposes to NHWC, and the reverse.
  if (order.join() === TO_NHWC.join()) {
    return to.value(input.type, to.read(input), { shape }, 'NCHW');
  }
  if (input.isPlanar) {
    const planar = order.map((axis) => TO_NHWC[axis] ?? axis);
    const read = to.read(input, 'NCHW');
    const isSame = planar.every((axis, index) => axis === index);
    return to.value(input.type, isSame ? read : to.node('Transpose', [read], { perm: planar }), { shape });
  }
  return to.value(input.type, to.readPermuted(input, order), { shape });
};

interface Cut {
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
  readonly stride: number;
}

function cut(to: Translation, input: Value, cuts: readonly Cut[]): Value {
  const needed = cuts.filter(({ begin, end, stride }) => begin !== 0 || end !== TO_THE_END || stride !== 1);
  if (needed.length === 0) {
    return input;
  }
  const places = needed.map(({ axis }) => alongAxis([input], axis));
  const layout = places[0]?.layout ?? 'NHWC';
  const name = to.node('Slice', [
    to.read(input, layout),
    to.list(...needed.map(({ begin }) => begin)),
    to.list(...needed.map(({ end }) => end)),
    to.list(...places.map(({ axis }) => axis)),
    to.list(...needed.map(({ stride }) => stride)),
  ]);
  const shape = input.shape?.map((size, axis) => {
    const found = needed.find((each) => each.axis === axis);
    if (found === undefined) {
      return size;
    }
    return typeof size === 'number' ? cutRange(size, found).count : to.unknownSize();
  });
  const { elements } = input.facts;
  const only = needed.at(0);
  const kept = elements && input.rank === 1 && only ? cutElements(elements, only) : undefined;
  return to.value(input.type, name, { shape, elements: kept }, layout);
}

/** First index and number of elements that remain, as Python's slices have them. */
function cutRange(
  size: number,
  { begin, end, stride }: Cut,
): { readonly first: number; readonly count: number } {
  const clamp = (index: number, low: number, high: number): number =>
    Math.min(Math.max(index < 0 ? index + size : index, low), high);
  const [first, last] =
    stride > 0
      ? [clamp(begin, 0, size), clamp(end, 0, size)]
      : [clamp(begin, -1, size - 1), end === -TO_THE_END ? -1 : clamp(end, -1, size - 1)];
  return { first, count: Math.max(0, Math.ceil((last - first) / stride)) };
}

function cutElements(elements: readonly Element[], cutting: Cut): readonly Element[] {
  const { first, count } = cutRange(elements.length, cutting);
  return Array.from({ length: count }, (_, index) => elements[first + index * cutting.stride]);
}

const stridedSlice: Operation = (node, to) => {
  const input = node.input(0);
  const rank = node.rank(0);
  const [begins, ends, strides] = [node.known(1), node.known(2), node.known(3)];
  const has = (mask: string, bit: number): boolean => ((node.int(mask) >> bit) & 1) === 1;
  const cuts: Cut[] = [];
  const removed: number[] = [];
  const added: number[] = [];
  let axis = 0;
  let outputAxis = 0;
  begins.forEach((begin, bit) => {
    if (has('ellipsis_mask', bit)) {
      const later = begins.filter((_, each) => each > bit && !has('new_axis_mask', each)).length;
      outputAxis += rank - later - axis;
      axis = rank - later;
      return;
    }
    if (has('new_axis_mask', bit)) {
      added.push(outputAxis);
      outputAxis += 1;
      return;
    }
    const stride = strides[bit] || node.refuse('with a stride of 0');
    if (has('shrink_axis_mask', bit)) {
      cuts.push({ axis, begin, end: begin === -1 ? TO_THE_END : begin + 1, stride: 1 });
      removed.push(axis);
    } else {
      cuts.push({
        axis,
        begin: has('begin_mask', bit) ? (stride > 0 ? 0 : TO_THE_END) : begin,
        end: has('end_mask', bit) ? (stride > 0 ? TO_THE_END : -TO_THE_END) : (ends[bit] ?? 0),
        stride,
      });
      outputAxis += 1;
    }
    axis += 1;
  });
  if (axis > rank) {
    node.refuse(`of ${axis} axes of a tensor with ${rank}`);
  }
  let result = cut(to, input, cuts);
  if (removed.length > 0) {
    const { layout, axes } = removalLayout(result, removed);
    const [from, shape] = [result, result.shape?.filter((_, each) => !removed.includes(each))];
    const name = (): string => to.node('Squeeze', [to.read(from, layout), to.list(...axes)]);
    result = to.reshaped(from, name, shape, from.facts.elements);
  }
  if (added.length > 0) {
    const from = result;
    const shape = [...(from.shape ?? [])];
    added.forEach((each) => shape.splice(each, 0, 1));
    const name = (): string => to.node('Unsqueeze', [to.read(from), to.list(...added)]);
    result = to.reshaped(from, name, shape, from.facts.elements);
  }
  return result;
};

const slice: Operation = (node, to) => {
  const [begins, sizes] = [node.known(1), node.known(2)];
  return cut(
    to,
    node.input(0),
    begins.map((begin, axis) => {
      const size = sizes[axis] ?? -1;
      return { axis, begin, end: size < 0 ? TO_THE_END : begin + size, stride: 1 };
    }),
  );
};

const gather: Operation = (node, to) => {
  const [input, indices] = [node.input(0), node.input(1)];
  const [axis = 0] = node.axes(0, node.inputs.length > 2 ? node.known(2) : [0]);
  if (node.int('batch_dims') !== 0) {
    node.refuse('with batch dimensions');
  }
  const name = to.node('Gather', [to.read(input), to.read(indices)], { axis });
  const shape = input.shape &&
    indices.shape && [...input.shape.slice(0, axis), ...indices.shape, ...input.shape.slice(axis + 1)];
  const { elements } = input.facts;
  const picked = input.rank === 1 && elements ? indices.numbers?.map((index) => elements[index]) : undefined;
  return to.value(input.type, name, { shape, elements: picked });
};

const pad: Operation = (node, to) => {
  const input = node.input(0);
  const flat = node.known(1);
  const rank = node.rank(0);
  const pairs = Array.from({ length: rank }, (_, axis): Pair => [
    flat[2 * axis] ?? 0,
    flat[2 * axis + 1] ?? 0,
  ]);
  const mode = node.op === 'MirrorPad' ? node.text('mode', 'REFLECT') : 'CONSTANT';
  if (mode === 'SYMMETRIC') {
    node.refuse('in the mode SYMMETRIC');
  }
  const { layout } = alongAxis([input], 0);
  const inLayout = layout === 'NCHW' ? permute(pairs, [0, 3, 1, 2]) : pairs;
  const shape = input.shape?.map((size, axis) => {
    const [start, end] = pairs[axis] ?? [0, 0];
    return typeof size === 'number' ? size + start + end : start + end === 0 ? size : to.unknownSize();
  });
  const fill = node.op === 'PadV2' ? node.input(2) : undefined;
  const name = to.node(
    'Pad',
    [
      to.read(input, layout),
      to.list(...inLayout.map(([start]) => start), ...inLayout.map(([, end]) => end)),
      ...(fill ? [to.read(fill)] : []),
    ],
    { mode: mode === 'REFLECT' ? 'reflect' : 'constant' },
  );
  const [batch, rows, columns, channels] = [0, 1, 2, 3].map((axis) => pairs.at(axis));
  const isImagePadding =
    node.op === 'Pad' && rank === 4 && [batch, channels].every((pair) => pair?.every((each) => each === 0));
  const padded =
    isImagePadding && rows !== undefined && columns !== undefined
      ? { source: input, rows, columns }
      : undefined;
  return to.value(input.type, name, { shape, padded }, layout);
};

const tile: Operation = (node, to) => {
  const input = node.input(0);
  const times = node.known(1);
  const shape = input.shape?.map((size, axis) => {
    const count = times[axis] ?? 1;
    return count === 1 ? size : typeof size === 'number' ? size * count : to.unknownSize();
  });
  return to.value(input.type, to.node('Tile', [to.read(input), to.list(...times)]), { shape });
};

/** Repeats a value to a shape, which a run may compute. */
function expand(to: Translation, value: Value, target: Value): Value {
  const sizes = target.facts.elements?.map((size) => size ?? to.unknownSize());
  return to.value(value.type, to.node('Expand', [to.read(value), to.read(target)]), { shape: sizes });
}

/** `ZerosLike` and `OnesLike`. */
const filledLike =
  (element: number): Operation =>
  (node, to) => {
    const input = node.input(0);
    const value = input.type === 'int' ? to.integers([element], []) : to.floats(element);
    const name = to.node('Expand', [to.read(value), to.node('Shape', [to.read(input)])]);
    return input.type === 'bool'
      ? node.refuse('of booleans')
      : to.value(input.type, name, { shape: input.shape });
  };

const range: Operation = (node, to) => {
  const inputs = [0, 1, 2].map((index) => node.input(index));
  const name = to.node(
    'Range',
    inputs.map((input) => to.read(input)),
  );
  const [start, limit, step] = inputs.map(({ numbers }) => numbers?.[0]);
  const elements =
    start !== undefined && limit !== undefined && step !== undefined && (limit - start) / step < 256
      ? Array.from(
          { length: Math.max(0, Math.ceil((limit - start) / step)) },
          (_, each) => start + each * step,
        )
      : undefined;
  return to.value(node.input(0).type, name, { shape: [elements?.length ?? to.unknownSize()], elements });
};

function blockMove(opType: string): Operation {
  return (node, to) => {
    const input = node.input(0);
    const [batch, rows, columns, channels] = input.shape ?? node.refuse('of unknown size');
    const block = node.int('block_size', 1);
    if (node.text('data_format', 'NHWC') !== 'NHWC' || typeof channels !== 'number') {
      return node.refuse('of unknown channels or in NCHW');
    }
    const isDepthFirst = opType === 'DepthToSpace';
    const scale = (size: Dim | undefined): Dim =>
      typeof size === 'number' ? (isDepthFirst ? size * block : size / block) : to.unknownSize();
    const name = to.node(opType, [to.read(input, 'NCHW')], {
      blocksize: block,
      ...(isDepthFirst && { mode: 'DCR' }),
    });
    const depth = isDepthFirst ? channels / block ** 2 : channels * block ** 2;
    return to.value(input.type, name, { shape: [batch, scale(rows), scale(columns), depth] }, 'NCHW');
  };
}

/** Operations that move elements without computing with them, and those that compute shapes. */
export const arrangementOperations: Readonly<Record<string, Operation>> = {
  BroadcastTo: (node, to) => expand(to, node.input(0), node.input(1)),
  Concat: (node, to) => concatenate(node, to, node.inputs.slice(1), 0),
  ConcatV2: (node, to) => concatenate(node, to, node.inputs.slice(0, -1), node.inputs.length - 1),
  DepthToSpace: blockMove('DepthToSpace'),
  ExpandDims: expandDims,
  Fill: (node, to) => expand(to, node.input(1), node.input(0)),
  Gather: gather,
  GatherV2: gather,
  MirrorPad: pad,
  OnesLike: filledLike(1),
  Pack: pack,
  Pad: pad,
  PadV2: pad,
  Range: range,
  Rank: rankOf,
  Reshape: reshape,
  Shape: shapeOf,
  Size: sizeOf,
  Slice: slice,
  SpaceToDepth: blockMove('SpaceToDepth'),
  Split: splitEvenly,
  SplitV: splitBySizes,
  Squeeze: squeeze,
  StridedSlice: stridedSlice,
  Tile: tile,
  Transpose: transpose,
  Unpack: unpack,
  ZerosLike: filledLike(0),
};
