import fc from 'fast-check';

import type { AttrValue } from '../../../../lib/wire/proto/types/tensorflow/AttrValue';
import type { NodeDef } from '../../../../lib/wire/proto/types/tensorflow/NodeDef';
import { elementCount, type FloatTensor } from '../../../../lib/wire/tensor';
import { engines, type Answers } from '../support/engines';
import { floats, graphBytes, integers, node, placeholder } from '../support/graph';

const float = { T: { type: 'DT_FLOAT' } } as const;
/** Runs of each property: a run loads two engines. */
const RUNS = { numRuns: 12 };

const ask = engines();

/** A graph from `x` to `y`, and an input. `sizes` is what the placeholder declares. */
interface Case {
  readonly nodes: readonly NodeDef[];
  readonly shape: readonly number[];
  readonly sizes?: readonly number[] | undefined;
}

function run({ nodes, shape, sizes = shape }: Case, data: Float32Array, withTfjs: boolean): Promise<Answers> {
  return ask({ file: graphBytes([placeholder('x', sizes), ...nodes]), shape, data, withTfjs });
}

/** Numbers that are not symmetric, so that a swapped axis shows. */
function someNumbers(count: number, seed = 1): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin((index + seed) * 12.9898) * 3);
}

function expectClose(actual: FloatTensor, expected: FloatTensor, tolerance = 2e-5): void {
  expect(actual.shape).toEqual(expected.shape);
  actual.data.forEach((value, index) => {
    const wanted = expected.data[index] ?? NaN;
    if (Math.abs(value - wanted) > tolerance * Math.max(1, Math.abs(wanted))) {
      throw new Error(`element ${index}: ${value}, expected ${wanted}`);
    }
  });
}

async function expectAsTfjs(each: Case): Promise<void> {
  const { onnx, tfjs } = await run(each, someNumbers(elementCount(each.shape)), true);
  if (tfjs === undefined) {
    throw new Error('no answer from TensorFlow.js');
  }
  expectClose(onnx, tfjs);
}

function agrees(name: string, cases: fc.Arbitrary<Case>, runs = RUNS): void {
  test(`${name} computes what TensorFlow.js does`, async () => {
    expect.hasAssertions();
    await fc.assert(fc.asyncProperty(cases, expectAsTfjs), runs);
  });
}

const ints = (...values: number[]): AttrValue => ({ list: { i: values } });
const text = (value: string): AttrValue => ({ s: Buffer.from(value) });
const weights = (name: string, ...shape: number[]): NodeDef =>
  floats(name, shape, [...someNumbers(elementCount(shape), name.length)]);

/** Brings `x` into the layout of convolutions without a change. */
const PLANES: NodeDef[] = [
  node('planes', 'MaxPool', ['x'], {
    ...float,
    ksize: ints(1, 1, 1, 1),
    strides: ints(1, 1, 1, 1),
    padding: text('VALID'),
  }),
];
const fromEitherLayout = fc.constantFrom<readonly [NodeDef[], string]>([PLANES, 'planes'], [[], 'x']);

const size = fc.integer({ min: 1, max: 9 });
const imageShape = fc.tuple(fc.integer({ min: 1, max: 3 }), size, size, fc.integer({ min: 1, max: 5 }));
const pair = fc.integer({ min: 1, max: 3 });
const padding = fc.constantFrom('SAME', 'VALID');
/** What a placeholder declares of a shape: all, all but the batch, or only the channels. */
const declared = fc.constantFrom<(shape: readonly number[]) => readonly number[]>(
  (shape) => shape,
  (shape) => [-1, ...shape.slice(1)],
  (shape) => shape.map((each, axis) => (axis === shape.length - 1 ? each : -1)),
);

const convolution = fc
  .record({
    shape: imageShape,
    declare: declared,
    kernel: fc.tuple(pair, pair),
    strides: fc.integer({ min: 1, max: 2 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    padding,
    out: fc.integer({ min: 1, max: 4 }),
    isDepthwise: fc.boolean(),
    edge: fc.integer({ min: 0, max: 2 }),
  })
  .filter(
    ({ shape: [, height, width], kernel, dilation, strides, padding: by }) =>
      (dilation === 1 || strides === 1) &&
      // With strides larger than the kernel, TensorFlow.js starts at another pixel than TensorFlow does.
      (by === 'SAME'
        ? strides <= Math.min(...kernel)
        : Math.min(height, width) > (Math.max(...kernel) - 1) * dilation),
  )
  .map(({ shape, declare, kernel, strides, dilation, padding: by, out, isDepthwise, edge }): Case => {
    const channels = shape[3];
    const attr = {
      ...float,
      strides: ints(1, strides, strides, 1),
      dilations: ints(1, dilation, dilation, 1),
      padding: text(by),
      data_format: text('NHWC'),
    };
    const outputs = isDepthwise ? channels * Math.min(out, 2) : out;
    return {
      shape,
      sizes: declare(shape),
      nodes: [
        integers('edges', [4, 2], [0, 0, edge, 1, 0, edge, 0, 0]),
        node('padded', 'Pad', ['x', 'edges'], float),
        weights('filter', ...kernel, channels, isDepthwise ? Math.min(out, 2) : out),
        node(
          'conv',
          isDepthwise ? 'DepthwiseConv2dNative' : 'Conv2D',
          [edge > 0 ? 'padded' : 'x', 'filter'],
          attr,
        ),
        weights('bias', outputs),
        node('biased', 'BiasAdd', ['conv', 'bias'], float),
        node('y', 'Relu6', ['biased'], float),
      ],
    };
  });

agrees('a convolution with padding, bias and activation', convolution, { numRuns: 40 });

agrees(
  'pooling',
  fc
    .record({
      shape: imageShape,
      declare: declared,
      kernel: fc.tuple(pair, pair),
      strides: fc.tuple(pair, pair),
      padding,
      op: fc.constantFrom('MaxPool', 'AvgPool'),
    })
    .filter(({ shape: [, height, width], kernel, strides, padding: by }) =>
      by === 'SAME'
        ? Math.max(...strides) <= Math.min(...kernel)
        : Math.min(height, width) >= Math.max(...kernel),
    )
    .map(({ shape, declare, kernel, strides, padding: by, op }) => ({
      shape,
      sizes: declare(shape),
      nodes: [
        node('y', op, ['x'], {
          ...float,
          ksize: ints(1, ...kernel, 1),
          strides: ints(1, ...strides, 1),
          padding: text(by),
        }),
      ],
    })),
  { numRuns: 20 },
);

agrees(
  'a dilated convolution of TensorFlow 1, which splits the image into blocks,',
  fc.record({ shape: imageShape, rate: fc.integer({ min: 2, max: 3 }) }).map(({ shape, rate }): Case => {
    const [height, width, channels] = shape.slice(1);
    const extra = [height, width].map((side) => (rate - ((side + 2 * rate) % rate)) % rate);
    return {
      shape: [...shape],
      nodes: [
        integers('block', [2], [rate, rate]),
        integers('pads', [2, 2], [rate, rate + (extra[0] ?? 0), rate, rate + (extra[1] ?? 0)]),
        integers('crops', [2, 2], [0, extra[0] ?? 0, 0, extra[1] ?? 0]),
        node('blocks', 'SpaceToBatchND', ['x', 'block', 'pads'], float),
        weights('filter', 3, 3, channels, 2),
        node('conv', 'Conv2D', ['blocks', 'filter'], {
          ...float,
          strides: ints(1, 1, 1, 1),
          dilations: ints(1, 1, 1, 1),
          padding: text('VALID'),
        }),
        node('y', 'BatchToSpaceND', ['conv', 'block', 'crops'], float),
      ],
    };
  }),
);

agrees(
  'batch norm',
  imageShape.map((shape): Case => {
    const channels = shape[3];
    return {
      shape,
      nodes: [
        ...['scale', 'offset', 'mean'].map((name) => weights(name, channels)),
        floats(
          'variance',
          [channels],
          [...someNumbers(channels)].map((value) => value ** 2 + 0.1),
        ),
        node('norm', 'FusedBatchNormV3', ['x', 'scale', 'offset', 'mean', 'variance'], {
          ...float,
          epsilon: { f: 0.002 },
          is_training: { b: false },
        }),
        node('y', 'Relu', ['norm:0'], float),
      ],
    };
  }),
);

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Cos: Math.cos,
  Elu: (x) => (x > 0 ? x : Math.expm1(x)),
  Exp: Math.exp,
  Expm1: Math.expm1,
  Floor: Math.floor,
  LeakyRelu: (x) => (x > 0 ? x : 0.2 * x),
  Neg: (x) => -x,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(x, 0),
  Relu6: (x) => Math.min(Math.max(x, 0), 6),
  Selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Sign: Math.sign,
  Sin: Math.sin,
  Softplus: (x) => Math.log1p(Math.exp(x)),
  Softsign: (x) => x / (1 + Math.abs(x)),
  Square: (x) => x * x,
  StopGradient: (x) => x,
  Tanh: Math.tanh,
};

test.each(Object.entries(UNARY))(
  '%s computes what its definition says, in either layout',
  async (op, formula) => {
    const shape = [2, 2, 3, 2];
    const data = someNumbers(elementCount(shape));
    for (const [before, from] of [
      [PLANES, 'planes'],
      [[], 'x'],
    ] as const) {
      const { onnx } = await run({ shape, nodes: [...before, node('y', op, [from], float)] }, data, false);
      expectClose(onnx, { shape, data: data.map(formula) });
    }
  },
);

test.each<[string, (x: number) => number]>([
  ['Log', Math.log],
  ['Log1p', Math.log1p],
  ['Rsqrt', (x) => 1 / Math.sqrt(x)],
  ['Sqrt', Math.sqrt],
])('%s computes what its definition says, of positive numbers', async (op, formula) => {
  const data = someNumbers(6).map((value) => value ** 2 + 0.01);
  const { onnx } = await run({ shape: [2, 3], nodes: [node('y', op, ['x'], float)] }, data, false);
  expectClose(onnx, { shape: [2, 3], data: data.map(formula) });
});

agrees(
  'arithmetic with operands that are repeated along axes',
  fc
    .record({
      shape: imageShape,
      source: fromEitherLayout,
      op: fc.constantFrom(
        'AddV2',
        'Sub',
        'Mul',
        'RealDiv',
        'Maximum',
        'Minimum',
        'SquaredDifference',
        'FloorDiv',
      ),
      rank: fc.integer({ min: 0, max: 4 }),
      single: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      isSwapped: fc.boolean(),
    })
    .map(({ shape, source: [before, from], op, rank, single, isSwapped }): Case => {
      const other = shape.slice(4 - rank).map((each, axis) => (single[axis] ? 1 : each));
      const operands = isSwapped ? ['other', from] : [from, 'other'];
      return { shape, nodes: [...before, weights('other', ...other), node('y', op, operands, float)] };
    }),
  { numRuns: 25 },
);

agrees(
  'a comparison and a selection',
  fc
    .record({
      shape: imageShape,
      source: fromEitherLayout,
      op: fc.constantFrom('Greater', 'LessEqual', 'NotEqual'),
    })
    .map(({ shape, source: [before, from], op }): Case => ({
      shape,
      nodes: [
        ...before,
        floats('half', [], [0.5]),
        node('condition', op, [from, 'half'], float),
        node('opposite', 'Neg', ['x'], float),
        node('y', 'SelectV2', ['condition', from, 'opposite'], float),
      ],
    })),
);

agrees(
  'a reduction',
  fc
    .record({
      shape: imageShape,
      declare: declared,
      source: fromEitherLayout,
      op: fc.constantFrom('Mean', 'Sum', 'Max', 'Min'),
      axes: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
      keep: fc.boolean(),
    })
    .map(({ shape, declare, source: [before, from], op, axes, keep }): Case => ({
      shape,
      sizes: declare(shape),
      nodes: [
        ...before,
        integers('axes', [axes.length], axes),
        node('y', op, [from, 'axes'], { ...float, keep_dims: { b: keep } }),
      ],
    })),
  { numRuns: 25 },
);

agrees(
  'softmax and the index of the largest',
  fc
    .record({ shape: imageShape, source: fromEitherLayout, op: fc.constantFrom('Softmax', 'ArgMax') })
    .map(({ shape, source: [before, from], op }): Case => ({
      shape,
      nodes: [
        ...before,
        integers('axis', [], [3]),
        node('found', op, op === 'ArgMax' ? [from, 'axis'] : [from], {
          ...float,
          output_type: { type: 'DT_INT32' },
        }),
        node('y', 'Identity', ['found'], float),
      ],
    })),
);

agrees(
  'a matrix product',
  fc
    .record({
      rows: size,
      inner: size,
      columns: size,
      a: fc.boolean(),
      b: fc.boolean(),
      batched: fc.boolean(),
    })
    .map(({ rows, inner, columns, a, b, batched }): Case => {
      const left = a ? [inner, rows] : [rows, inner];
      const right = b ? [columns, inner] : [inner, columns];
      const batch = batched ? [2] : [];
      const flags: Record<string, AttrValue> = batched
        ? { adj_x: { b: a }, adj_y: { b } }
        : { transpose_a: { b: a }, transpose_b: { b } };
      return {
        shape: [...batch, ...left],
        nodes: [
          weights('matrix', ...batch, ...right),
          node('y', batched ? 'BatchMatMulV2' : 'MatMul', ['x', 'matrix'], { ...float, ...flags }),
        ],
      };
    }),
  { numRuns: 15 },
);

/** Ways to move elements: nodes from the tensor `from` of the shape to `y`. */
const arrangements: Readonly<
  Record<string, fc.Arbitrary<(from: string, shape: readonly number[]) => NodeDef[]>>
> = {
  Transpose: fc
    .shuffledSubarray([0, 1, 2, 3], { minLength: 4 })
    .map((order) => (from) => [
      integers('order', [4], order),
      node('y', 'Transpose', [from, 'order'], float),
    ]),
  Reshape: fc.constantFrom([-1], [0, -1]).map((target) => (from, [batch = 1]) => [
    integers(
      'target',
      [target.length],
      target.map((each) => (each === 0 ? batch : each)),
    ),
    node('y', 'Reshape', [from, 'target'], float),
  ]),
  'Flatten by Shape, StridedSlice and Pack': fc.constant((from: string) => [
    node('shape', 'Shape', [from], float),
    integers('zero', [1], [0]),
    integers('one', [1], [1]),
    node('batch', 'StridedSlice', ['shape', 'zero', 'one', 'one'], {
      T: { type: 'DT_INT32' },
      shrink_axis_mask: { i: 1 },
    }),
    integers('rest', [], [-1]),
    node('target', 'Pack', ['batch', 'rest'], { N: { i: 2 }, T: { type: 'DT_INT32' } }),
    node('y', 'Reshape', [from, 'target'], float),
  ]),
  ConcatV2: fc
    .integer({ min: -4, max: 3 })
    .map((axis) => (from) => [
      integers('axis', [], [axis]),
      node('other', 'Neg', ['x'], float),
      node('y', 'ConcatV2', [from, 'other', from, 'axis'], { N: { i: 3 }, ...float }),
    ]),
  Split: fc
    .integer({ min: 0, max: 3 })
    .map((axis) => (from, shape) => [
      integers('axis', [], [axis]),
      node('parts', 'Split', ['axis', from], { num_split: { i: shape[axis] ?? 1 }, ...float }),
      node('y', 'Identity', [`parts:${(shape[axis] ?? 1) - 1}`], float),
    ]),
  Unpack: fc.integer({ min: 0, max: 3 }).map((axis) => (from, shape) => [
    node('parts', 'Unpack', [from], { axis: { i: axis }, num: { i: shape[axis] ?? 1 }, ...float }),
    node('y', 'Pack', ['parts:0', `parts:${(shape[axis] ?? 1) - 1}`], {
      N: { i: 2 },
      axis: { i: 1 },
      ...float,
    }),
  ]),
  ExpandDims: fc
    .integer({ min: -5, max: 4 })
    .map((axis) => (from) => [integers('axis', [], [axis]), node('y', 'ExpandDims', [from, 'axis'], float)]),
  Squeeze: fc.subarray([0, 1, 2, 3], { minLength: 1 }).map((axes) => (from, shape) => [
    integers('begin', [4], [0, 0, 0, 0]),
    integers(
      'size',
      [4],
      shape.map((each, axis) => (axes.includes(axis) ? 1 : each)),
    ),
    node('part', 'Slice', [from, 'begin', 'size'], float),
    node('y', 'Squeeze', ['part'], { ...float, squeeze_dims: ints(...axes) }),
  ]),
  Pad: fc
    .array(fc.nat(2), { minLength: 8, maxLength: 8 })
    .map((pads) => (from) => [integers('pads', [4, 2], pads), node('y', 'Pad', [from, 'pads'], float)]),
  Tile: fc
    .array(fc.integer({ min: 1, max: 2 }), { minLength: 4, maxLength: 4 })
    .map((times) => (from) => [integers('times', [4], times), node('y', 'Tile', [from, 'times'], float)]),
  GatherV2: fc
    .integer({ min: 0, max: 3 })
    .map((axis) => (from, shape) => [
      integers('axis', [], [axis]),
      integers('indices', [2], [(shape[axis] ?? 1) - 1, 0]),
      node('y', 'GatherV2', [from, 'indices', 'axis'], float),
    ]),
  StridedSlice: fc
    .record({
      bounds: fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 4 }), fc.constantFrom(1, 2, -1)), {
        minLength: 1,
        maxLength: 4,
      }),
      whole: fc.nat(15),
      shrink: fc.nat(15),
      added: fc.constantFrom(0, 0, 1, 2),
    })
    .map(({ bounds, whole, shrink, added }) => (from, shape) => {
      const list = (name: string, values: number[]): NodeDef => integers(name, [values.length], values);
      // TensorFlow.js reads wrong elements if an axis with a stride is followed by one that is removed.
      const strides = bounds.map(([, , stride]) => (shrink > 0 ? 1 : stride));
      const begins = bounds.map(([begin], axis) => (added > 0 ? 0 : begin % (shape[axis] ?? 1)));
      return [
        list('begin', begins),
        list(
          'end',
          begins.map((begin, axis) => ((strides[axis] ?? 1) > 0 ? begin + (bounds[axis]?.[1] ?? 1) : -99)),
        ),
        list('strides', strides),
        node('y', 'StridedSlice', [from, 'begin', 'end', 'strides'], {
          ...float,
          begin_mask: { i: whole & ~shrink },
          end_mask: { i: whole & ~shrink },
          shrink_axis_mask: { i: shrink & ~added },
          new_axis_mask: { i: added & ~shrink },
          ellipsis_mask: { i: 0 },
        }),
      ];
    }),
};

for (const [name, arrangement] of Object.entries(arrangements)) {
  agrees(
    name,
    fc
      .record({ shape: imageShape, source: fromEitherLayout, arrange: arrangement })
      .map(({ shape, source: [before, from], arrange }): Case => ({
        shape,
        sizes: [-1, ...shape.slice(1)],
        nodes: [...before, ...arrange(from, shape)],
      })),
  );
}

agrees(
  'resizing',
  fc
    .record({
      shape: imageShape,
      source: fromEitherLayout,
      factors: fc.tuple(pair, pair),
      mode: fc.constantFrom<readonly [string, boolean, boolean]>(
        ['ResizeBilinear', false, false],
        ['ResizeBilinear', true, false],
        ['ResizeBilinear', false, true],
        ['ResizeNearestNeighbor', false, false],
        ['ResizeNearestNeighbor', false, true],
      ),
    })
    .map(({ shape, source: [before, from], factors, mode: [op, isAligned, isCentered] }): Case => ({
      shape,
      sizes: [-1, ...shape.slice(1)],
      nodes: [
        ...before,
        integers('size', [2], [shape[1] * factors[0], shape[2] * factors[1]]),
        node('y', op, [from, 'size'], {
          ...float,
          align_corners: { b: isAligned },
          half_pixel_centers: { b: isCentered },
        }),
      ],
    })),
  { numRuns: 20 },
);
