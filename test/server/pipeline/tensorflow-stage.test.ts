import fc from 'fast-check';

import { Pipeline } from '../../../lib/server/pipeline';
import type { FunctionDef } from '../../../lib/wire/proto/types/tensorflow/FunctionDef';
import type { NodeDef } from '../../../lib/wire/proto/types/tensorflow/NodeDef';
import type { TensorProto } from '../../../lib/wire/proto/types/tensorflow/TensorProto';
import type { TensorflowStageJson } from '../../../lib/service-definition/service-definition-json';
import { constant, floats, graphBytes, integers, node, placeholder, shapeOf } from './support/graph';
import { definitionOf, imageStage, sampleModel } from './support/sample';

const stage = {
  type: 'tensorflow',
  name: 'model',
  model_path: 'model.pb',
  input_tensor: 'x:0',
  output_tensor: 'y:0',
} satisfies TensorflowStageJson;

const float = { T: { type: 'DT_FLOAT' } } as const;

function load(file: Uint8Array, change: Partial<TensorflowStageJson> = {}): Promise<Pipeline> {
  return Pipeline.load(definitionOf([{ ...stage, ...change }], { 'model.pb': file }), { workers: 1 });
}

async function score(pipeline: Pipeline, shape: number[], values: number[]): Promise<number[]> {
  try {
    const answer = await pipeline.score({
      kind: 'tensor',
      tensor: { shape, data: Float32Array.from(values) },
    });
    return [...answer.data];
  } finally {
    await pipeline.close();
  }
}

describe('constants', () => {
  type Case = Readonly<{ tensor: TensorProto; values: readonly number[] }>;

  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
  const half = fc
    .record({ sign: fc.nat(1), exponent: fc.nat(30), fraction: fc.nat(1023) })
    .map(({ sign, exponent, fraction }) => ({
      bits: (sign << 15) | (exponent << 10) | fraction,
      value:
        (sign === 1 ? -1 : 1) *
        (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)),
    }));

  /** A constant in any of the ways that TensorFlow stores one: packed, listed, or listed in part. */
  function stored<Element>(
    element: fc.Arbitrary<Element>,
    value: (element: Element) => number,
    pack: (elements: readonly Element[]) => Partial<TensorProto>,
    list: (elements: readonly Element[]) => Partial<TensorProto>,
  ): fc.Arbitrary<Case> {
    return shape.chain((sizes) => {
      const count = sizes.reduce((product, size) => product * size, 1);
      return fc
        .record({
          packed: fc.boolean(),
          elements: fc.array(element, { minLength: 1, maxLength: count }),
        })
        .map(({ packed, elements }) => {
          const last = elements[elements.length - 1];
          const all = Array.from({ length: count }, (_, index) => elements[index] ?? last);
          return {
            tensor: { tensorShape: shapeOf(sizes), ...(packed ? pack(all) : list(elements)) },
            values: all.map(value),
          };
        });
    });
  }

  function content(array: ArrayBufferView): Buffer {
    return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  }

  const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });
  const same = (value: number): number => value;
  const int32 = fc.integer({ min: -(2 ** 24), max: 2 ** 24 });
  const cases: Readonly<Record<string, fc.Arbitrary<Case>>> = {
    DT_FLOAT: stored(
      float32,
      same,
      (all) => ({ tensorContent: content(Float32Array.from(all)) }),
      (some) => ({ floatVal: [...some] }),
    ),
    DT_DOUBLE: stored(
      float32,
      same,
      (all) => ({ tensorContent: content(Float64Array.from(all)) }),
      (some) => ({ doubleVal: [...some] }),
    ),
    DT_HALF: stored(
      half,
      ({ value }) => value,
      (all) => ({ tensorContent: content(Uint16Array.from(all, ({ bits }) => bits)) }),
      (some) => ({ halfVal: some.map(({ bits }) => bits) }),
    ),
    DT_INT32: stored(
      int32,
      same,
      (all) => ({ tensorContent: content(Int32Array.from(all)) }),
      (some) => ({ intVal: [...some] }),
    ),
    DT_INT16: stored(
      fc.integer({ min: -32768, max: 32767 }),
      same,
      (all) => ({ tensorContent: content(Int16Array.from(all)) }),
      (some) => ({ intVal: [...some] }),
    ),
    DT_UINT16: stored(
      fc.nat(65535),
      same,
      (all) => ({ tensorContent: content(Uint16Array.from(all)) }),
      (some) => ({ intVal: [...some] }),
    ),
    DT_INT8: stored(
      fc.integer({ min: -128, max: 127 }),
      same,
      (all) => ({ tensorContent: content(Int8Array.from(all)) }),
      (some) => ({ intVal: [...some] }),
    ),
    DT_UINT8: stored(
      fc.nat(255),
      same,
      (all) => ({ tensorContent: content(Uint8Array.from(all)) }),
      (some) => ({ intVal: [...some] }),
    ),
    DT_INT64: stored(
      int32,
      same,
      (all) => ({ tensorContent: content(BigInt64Array.from(all, BigInt)) }),
      (some) => ({ int64Val: [...some] }),
    ),
    DT_BOOL: stored(
      fc.boolean(),
      Number,
      (all) => ({ tensorContent: content(Uint8Array.from(all, Number)) }),
      (some) => ({ boolVal: [...some] }),
    ),
  };
  const anyConstant = fc.oneof(
    ...Object.entries(cases).map(([dtype, arbitrary]) =>
      arbitrary.map(({ tensor, values }) => ({ tensor: { ...tensor, dtype } as TensorProto, values })),
    ),
  );

  test('have the values that the file gives them, in every type and every way of storing them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyConstant, { minLength: 1, maxLength: 12 }), async (constants) => {
        const flat = constants.flatMap(({ tensor }, index) => [
          constant(`c${index}`, tensor),
          node(`f${index}`, 'Cast', [`c${index}`], {
            SrcT: {
              type:
                tensor.dtype === 'DT_INT16' || tensor.dtype === 'DT_UINT16'
                  ? 'DT_INT32'
                  : (tensor.dtype ?? 'DT_FLOAT'),
            },
            DstT: { type: 'DT_FLOAT' },
          }),
          node(`r${index}`, 'Reshape', [`f${index}`, 'row'], float),
        ]);
        const names = constants.map((_, index) => `r${index}`);
        const file = graphBytes([
          placeholder('x', [1, 1]),
          integers('row', [2], [1, -1]),
          integers('axis', [], [1]),
          ...flat,
          node('all', 'ConcatV2', [...names, 'x', 'axis'], { N: { i: names.length + 1 }, ...float }),
          node('y', 'Identity', ['all'], float),
        ]);
        const expected = Float32Array.from(constants.flatMap(({ values }) => values));
        expect(await score(await load(file), [1, 1], [5])).toEqual([
          ...expected.map((value) => value + 0),
          5,
        ]);
      }),
      { numRuns: 12 },
    );
  });

  test('64-bit integers that mean "to the end" still do', async () => {
    const file = graphBytes([
      placeholder('x', [-1, 4]),
      integers('begin', [2], [0, 1]),
      constant('end', {
        dtype: 'DT_INT64',
        tensorShape: shapeOf([2]),
        tensorContent: Buffer.from(BigInt64Array.of(2n ** 62n, 2n ** 62n).buffer),
      }),
      integers('strides', [2], [1, 1]),
      node('y', 'StridedSlice', ['x', 'begin', 'end', 'strides'], float),
    ]);
    expect(await score(await load(file), [1, 4], [1, 2, 3, 4])).toEqual([2, 3, 4]);
  });

  test.each([
    [
      'too few bytes',
      { dtype: 'DT_FLOAT', tensorShape: shapeOf([3]), tensorContent: Buffer.alloc(8) },
      'whose values do not fit its shape (3 of DT_FLOAT)',
    ],
    [
      'too many values',
      { dtype: 'DT_INT32', tensorShape: shapeOf([1]), intVal: [1, 2] },
      'whose values do not fit its shape (1 of DT_INT32)',
    ],
    [
      'one value that stands for a thousand million',
      { dtype: 'DT_FLOAT', tensorShape: shapeOf([1e9]), floatVal: [1] },
      'of shape [1000000000], which is invalid or too large',
    ],
    [
      'one value that stands for a hundred million',
      { dtype: 'DT_FLOAT', tensorShape: shapeOf([1e8]), floatVal: [1] },
      'of 100000000 elements, most of which the file does not contain; replace it with a fill operation',
    ],
    [
      'one text that stands for a hundred megabytes',
      { dtype: 'DT_STRING', tensorShape: shapeOf([1e7]), stringVal: [Buffer.from('0123456789')] },
      'of 100000000 bytes of text, most of which the file does not contain; replace it with a fill operation',
    ],
    [
      'a type that TensorFlow.js lacks',
      { dtype: 'DT_BFLOAT16', tensorShape: shapeOf([1]), halfVal: [1] },
      'of type DT_BFLOAT16, which TensorFlow.js does not support; convert the graph to ONNX',
    ],
  ] as const)('with %s are refused', async (_, tensor, message) => {
    const file = graphBytes([
      placeholder('x', [-1, 1]),
      constant('c', tensor as unknown as TensorProto),
      node('y', 'Add', ['x', 'c'], float),
    ]);
    const loading = load(file);
    await expect(loading).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    await expect(loading).rejects.toThrow(`'model.pb' has a constant 'c' ${message}`);
  });
});

test('constants that the file does not hold are rejected if they are too large together', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const filled = (name: string) =>
    constant(name, { dtype: 'DT_FLOAT', tensorShape: shapeOf([2 ** 24]), floatVal: [1] });
  const file = graphBytes([
    placeholder('x', [-1, 1]),
    ...names.map(filled),
    node('y', 'AddN', ['x', ...names], float),
  ]);
  await expect(load(file)).rejects.toThrow(
    "'model.pb' has constants of more than 256 MB, most of which the file does not contain",
  );
});

/** `out = in * 2 + offset` under names that the main graph has as well, with other values. */
function affine(name: string, offset: number): FunctionDef {
  return {
    signature: {
      name,
      inputArg: [{ name: 'x', type: 'DT_FLOAT' }],
      outputArg: [{ name: 'out', type: 'DT_FLOAT' }],
    },
    nodeDef: [
      floats('factor', [], [2]),
      floats('offset', [], [offset]),
      node('product', 'Mul', ['x', 'factor:output:0'], float),
      node('sum', 'AddV2', ['product:z:0', 'offset:output:0'], float),
    ],
    ret: { out: 'sum:z:0' },
  };
}

describe('functions', () => {
  test.each(['PartitionedCall', 'StatefulPartitionedCall'])(
    '%s runs the function, with constants of its own',
    async (op) => {
      const file = graphBytes(
        [
          placeholder('x', [-1, 2]),
          floats('factor', [], [10]),
          node('scaled', 'Mul', ['x', 'factor'], float),
          node('first', op, ['scaled'], { f: { func: { name: 'affine' } } }),
          node('second', op, ['first', '^scaled'], { f: { func: { name: 'affine' } } }),
          node('y', 'Identity', ['second:0'], float),
        ],
        [affine('affine', 1)],
      );
      expect(await score(await load(file), [1, 2], [1, 2])).toEqual([43, 83]);
    },
  );

  test('a function that calls another, and one that is the output itself', async () => {
    const outer: FunctionDef = {
      ...affine('outer', 0),
      nodeDef: [
        node('inner', 'PartitionedCall', ['x'], { f: { func: { name: 'affine' } } }),
        node('negative', 'Neg', ['inner:output:0'], float),
      ],
      ret: { out: 'negative:y:0' },
    };
    const file = graphBytes(
      [
        placeholder('x', [-1, 1]),
        node('y', 'StatefulPartitionedCall', ['x'], { f: { func: { name: 'outer' } } }),
      ],
      [affine('affine', 1), outer],
    );
    expect(await score(await load(file), [2, 1], [1, 2])).toEqual([-3, -5]);
  });

  test('both branches of a condition keep their own constants', async () => {
    const file = graphBytes(
      [
        placeholder('x', [-1, 1]),
        floats('offset', [], [10]),
        integers('axes', [2], [0, 1]),
        node('sum', 'Sum', ['x', 'axes'], { ...float, keep_dims: { b: false } }),
        node('isLarge', 'Greater', ['sum', 'offset'], float),
        node('y', 'StatelessIf', ['isLarge', 'x'], {
          then_branch: { func: { name: 'large' } },
          else_branch: { func: { name: 'small' } },
        }),
      ],
      [affine('large', 1000), affine('small', 1)],
    );
    const pipeline = await load(file);
    const run = async (value: number): Promise<number> => {
      const tensor = { shape: [1, 1], data: Float32Array.of(value) };
      return (await pipeline.score({ kind: 'tensor', tensor })).data[0];
    };
    expect([await run(3), await run(30)]).toEqual([7, 1060]);
    await pipeline.close();
  });

  const recursive: FunctionDef = {
    ...affine('again', 0),
    nodeDef: [node('call', 'PartitionedCall', ['x'], { f: { func: { name: 'again' } } })],
    ret: { out: 'call:output:0' },
  };
  const doubling = Array.from({ length: 40 }, (_, level): FunctionDef => {
    const attr = { f: { func: { name: level === 0 ? 'affine' : `twice${level - 1}` } } };
    return {
      ...affine(`twice${level}`, 0),
      nodeDef: [
        node('a', 'PartitionedCall', ['x'], attr),
        node('b', 'PartitionedCall', ['a:output:0'], attr),
      ],
      ret: { out: 'b:output:0' },
    };
  });
  test.each([
    ['its own output', ['y:0']],
    ["another's, which is fed with its", ['other:0']],
  ])('a function that is fed with %s is rejected', async (_, input) => {
    const same: FunctionDef = { ...affine('same', 0), nodeDef: [], ret: { out: 'x' } };
    const call = { f: { func: { name: 'same' } } };
    const file = graphBytes(
      [
        placeholder('x', [-1, 1]),
        node('other', 'PartitionedCall', ['y:0'], call),
        node('y', 'PartitionedCall', input, call),
      ],
      [same],
    );
    await expect(load(file)).rejects.toThrow(/'model.pb' feeds the function call '\w+' with its own output/);
  });

  test.each([
    ['calls itself', 'again', [recursive], 'nests function calls more than 64 deep'],
    [
      'grows without end',
      'twice39',
      [affine('affine', 0), ...doubling],
      'exceeds 200000 nodes when its function calls are inlined',
    ],
    [
      'is not there',
      'missing',
      [],
      "calls the function 'missing', which is not in its library; freeze the graph again",
    ],
  ])('a function that %s is rejected', async (_, name, functions, message) => {
    const file = graphBytes(
      [placeholder('x', [-1, 1]), node('y', 'PartitionedCall', ['x'], { f: { func: { name } } })],
      functions,
    );
    await expect(load(file)).rejects.toThrow(`stage 'model' cannot be loaded: 'model.pb' ${message}`);
  });
});

describe('inputs and outputs', () => {
  const graph = [
    placeholder('pixels', [-1, 2], 'DT_UINT8'),
    node('x', 'Cast', ['pixels'], { SrcT: { type: 'DT_UINT8' }, DstT: { type: 'DT_FLOAT' } }),
    integers('axis', [], [1]),
    node('halves', 'Split', ['axis', 'x'], { num_split: { i: 2 }, ...float }),
    node('y', 'Neg', ['halves:1'], float),
    node('training', 'ApplyGradientDescent', ['y', 'nowhere']),
  ];

  test('integers are fed to a placeholder of integers', async () => {
    const pipeline = await load(graphBytes(graph), { input_tensor: 'pixels:0' });
    expect(pipeline.signature.input).toEqual({ kind: 'tensor', name: 'pixels', shape: [-1, 2] });
    expect(await score(pipeline, [1, 2], [1, 2])).toEqual([-2]);
  });

  test('a tensor in the middle of a graph can be fed, and what else the graph holds does not matter', async () => {
    const pipeline = await load(graphBytes(graph));
    expect(pipeline.signature).toEqual({
      input: { kind: 'tensor', name: 'x', shape: [] },
      output: { shape: [] },
    });
    expect(await score(pipeline, [1, 4], [1, 2, 3, 4])).toEqual([-3, -4]);
  });

  test('any output of an operation can be fetched', async () => {
    const first = await load(graphBytes(graph), { output_tensor: 'halves:0' });
    expect(await score(first, [1, 2], [1, 2])).toEqual([1]);
    const second = await load(graphBytes(graph), { output_tensor: 'halves:1' });
    expect(await score(second, [1, 2], [1, 2])).toEqual([2]);
  });

  test("an array of a shape that only the model can judge is rejected as the caller's mistake", async () => {
    const file = graphBytes([
      placeholder('x', [-1, -1]),
      floats('weights', [2, 1], [1, 1]),
      node('y', 'MatMul', ['x', 'weights'], float),
    ]);
    await expect(score(await load(file), [1, 3], [1, 2, 3])).rejects.toMatchObject({
      code: 'INVALID_TENSOR',
      message: expect.stringContaining('got [1, 3], which the model does not accept') as string,
    });
  });

  test.each<[string, NodeDef[], Partial<TensorflowStageJson>, string]>([
    [
      'an input that is not there',
      graph,
      { input_tensor: 'image:0' },
      "has no tensor 'image:0'; set inputTensor to one of: 'pixels:0'",
    ],
    [
      'an output that is not there',
      graph,
      { output_tensor: 'z:0' },
      "has no tensor 'z:0'; set outputTensor to one of: 'training:0'",
    ],
    [
      'an output that needs something else',
      graph,
      { input_tensor: 'y:0', output_tensor: 'x:0' },
      'computes its output without its input',
    ],
    [
      'a second input',
      [placeholder('x', [-1, 1]), placeholder('rate', []), node('y', 'Mul', ['x', 'rate'], float)],
      {},
      "needs a second input, 'rate', but a stage feeds only one; freeze it as a constant",
    ],
    [
      'a node that is missing',
      [placeholder('x', [-1, 1]), node('y', 'Mul', ['x', 'gone'], float)],
      {},
      "has no node 'gone', which 'y' needs: the file may be truncated; freeze the graph again",
    ],
  ])('a graph with %s is rejected', async (_, nodes, change, message) => {
    const loading = load(graphBytes(nodes), change);
    await expect(loading).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED', stage: 'model' });
    await expect(loading).rejects.toThrow(`stage 'model' cannot be loaded: 'model.pb' ${message}`);
  });
});

test('a graph that follows an image stage reports the shape of its output', async () => {
  const file = graphBytes([
    placeholder('x', [-1, 8, 8, 3]),
    integers('axes', [2], [1, 2]),
    node('y', 'Mean', ['x', 'axes'], float),
  ]);
  const content = definitionOf([{ ...imageStage, resize: 8, crop: 8 }, stage], { 'model.pb': file });
  const pipeline = await Pipeline.load(content, { workers: 1 });
  expect(pipeline.signature.output.shape).toEqual([-1, 3]);
  await pipeline.close();
});

describe('files that are no frozen graph', () => {
  test.each([
    [
      'a truncated file',
      sampleModel('classifier.pb').subarray(0, 1_000_000),
      'is not a GraphDef or is truncated; freeze the graph again',
    ],
    ['a text file', Buffer.from('this is not a model'), 'is not a GraphDef'],
    ['noise', Buffer.from([255, 254, 253, 252, 251, 250, 1, 2, 3]), 'is not a GraphDef'],
    [
      'a SavedModel',
      Buffer.from([8, 1, 18, 0]),
      'is a SavedModel; freeze it first (convert_variables_to_constants_v2)',
    ],
    [
      'a Keras HDF5 file',
      Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'),
      'is a Keras HDF5 file; freeze it to a GraphDef, or convert it to a layers model',
    ],
  ])('%s is rejected', async (_, file, message) => {
    const loading = load(file);
    await expect(loading).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED', stage: 'model' });
    await expect(loading).rejects.toThrow(`stage 'model' cannot be loaded: 'model.pb' ${message}`);
  });
});

describe('operations that TensorFlow.js computes in another way', () => {
  it('have the default attributes that TensorFlow 2 omits', async () => {
    const pixels = { strides: { list: { i: [1, 1, 1, 1] } }, padding: { s: Buffer.from('VALID') } };
    const graph = graphBytes([
      placeholder('x', [-1, 2, 2, 1]),
      floats('kernel', [2, 2, 1, 1], [1, 2, 3, 4]),
      node('convolved', 'Conv2D', ['x', 'kernel'], { ...float, ...pixels }),
      floats('depthwise', [1, 1, 1, 1], [2]),
      node('doubled', 'DepthwiseConv2dNative', ['convolved', 'depthwise'], { ...float, ...pixels }),
      floats('one', [1], [1]),
      floats('zero', [1], [0]),
      node('y', 'FusedBatchNormV3', ['doubled', 'one', 'zero', 'zero', 'zero'], {
        ...float,
        U: { type: 'DT_FLOAT' },
        is_training: { b: false },
      }),
    ]);
    // A variance of 0, to which TensorFlow adds 0.0001 and TensorFlow.js 0.001.
    const [value] = await score(await load(graph), [1, 2, 2, 1], [1, 1, 1, 1]);
    expect(value).toBeCloseTo((2 * 10) / Math.sqrt(0.0001), 1);
  });

  it('include Erfc, in the GELU of Keras', async () => {
    const graph = graphBytes([placeholder('x', [-1, 3]), node('y', 'Erfc', ['x'], float)]);
    const values = await score(await load(graph), [1, 3], [-0.5, 0, 2]);
    expect(values[0]).toBeCloseTo(1.5205, 4);
    expect(values[1]).toBeCloseTo(1, 6);
    expect(values[2]).toBeCloseTo(0.004_678, 5);
  });
});

describe('operations that TensorFlow.js does not know', () => {
  const message =
    "stage 'model' cannot run here: 'model.pb' uses the operation DecodeJpeg, which is not supported by TensorFlow.js; " +
    'convert the graph to ONNX (tf2onnx) and use an onnx stage';

  test('are rejected by name', async () => {
    const file = graphBytes([placeholder('x', [-1, 1]), node('y', 'DecodeJpeg', ['x'])]);
    await expect(load(file)).rejects.toMatchObject({ code: 'STAGE_NOT_SUPPORTED', stage: 'model', message });
  });

  test('are found inside functions', async () => {
    const branch = { ...affine('branch', 0), nodeDef: [node('sum', 'DecodeJpeg', ['x'])] };
    const attr = { then_branch: { func: { name: 'branch' } }, else_branch: { func: { name: 'branch' } } };
    const condition = constant('yes', { dtype: 'DT_BOOL', tensorShape: shapeOf([]), boolVal: [true] });
    const file = graphBytes(
      [placeholder('x', [-1, 1]), condition, node('y', 'If', ['yes', 'x'], attr)],
      [branch],
    );
    await expect(load(file)).rejects.toMatchObject({ code: 'STAGE_NOT_SUPPORTED', message });
  });

  test('and those without a WebAssembly kernel are rejected as well', async () => {
    const known = graphBytes([placeholder('x', [-1, 4, 4, 4, 1]), node('y', 'Complex', ['x', 'x'], float)]);
    await expect(load(known)).rejects.toMatchObject({
      code: 'STAGE_NOT_SUPPORTED',
      message: expect.stringContaining(
        'for which TensorFlow.js has no WebAssembly kernel; convert the graph to ONNX',
      ) as string,
    });
  });
});

test('a graph that onnxruntime cannot run is run by TensorFlow.js, and the log says which operation is the reason', async () => {
  const emit = jest.spyOn(process, 'emitWarning').mockReturnValue();
  const file = graphBytes([
    placeholder('x', [-1, 3]),
    integers('axis', [], [1]),
    node('y', 'Cumsum', ['x', 'axis'], { ...float, Tidx: { type: 'DT_INT32' } }),
  ]);
  expect(await score(await load(file), [1, 3], [1, 2, 3])).toEqual([1, 3, 6]);
  expect(emit.mock.calls).toEqual([
    [
      "stage 'model': 'model.pb' uses the operation Cumsum at 'y', which has no translation to ONNX; it runs in " +
        'TensorFlow.js, which takes about 7 times as long for a ResNet-50; convert the graph to ONNX with tf2onnx and use an ' +
        'onnx stage',
      'TensorflowWarning',
    ],
  ]);
  emit.mockRestore();
});
