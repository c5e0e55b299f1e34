import type { AttrValue__Output } from '../../wire/proto/types/tensorflow/AttrValue';
import { UntranslatableError } from '../onnx/operation';
import type { GraphBuilder } from './graph-builder';

/** A layer's JSON `config`. Names and defaults are those of Keras. */
export type LayerConfig = Readonly<Record<string, unknown>>;

/** Adds the nodes of a layer and returns the name of its output. */
export type Layer = (layer: LayerNode, graph: GraphBuilder) => string;

/** A layer with the names of its inputs. */
export class LayerNode {
  constructor(
    readonly name: string,
    readonly className: string,
    private readonly config: LayerConfig,
    readonly inputs: readonly string[],
  ) {}

  get input(): string {
    return this.inputs[0] ?? this.refuse('without an input');
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.config[key];
    return typeof value === 'boolean' ? value : otherwise;
  }

  number(key: string, otherwise: number): number {
    const value = this.config[key];
    return typeof value === 'number' ? value : otherwise;
  }

  text(key: string, otherwise: string): string {
    const value = this.config[key];
    return typeof value === 'string' ? value : otherwise;
  }

  has(key: string): boolean {
    return this.config[key] !== undefined && this.config[key] !== null;
  }

  raw(key: string): unknown {
    return this.config[key];
  }

  numbers(key: string): readonly number[] {
    const value = this.config[key];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.every((each) => typeof each === 'number') ? list : this.refuse(`with ${key} of another form`);
  }

  /** Two numbers, of rows and columns, which Keras may state as one. */
  pair(key: string, otherwise = 1): readonly [number, number] {
    if (!this.has(key)) {
      return [otherwise, otherwise];
    }
    const [rows = otherwise, columns = rows] = this.numbers(key);
    return [rows, columns];
  }

  /** Pixels must have their channels last, as in all models of TensorFlow for CPUs. */
  requireChannelsLast(): void {
    if (this.text('data_format', 'channels_last') !== 'channels_last') {
      this.refuse('with channels first');
    }
  }

  refuse(why: string): never {
    throw new UntranslatableError(`${this.className} ${why}`, this.name);
  }
}

const float: Record<string, AttrValue__Output> = { T: { type: 'DT_FLOAT', value: 'type' } };

function whole(...numbers: readonly number[]): AttrValue__Output {
  return {
    list: { i: [...numbers], s: [], f: [], b: [], type: [], shape: [], tensor: [], func: [] },
    value: 'list',
  };
}

function text(value: string): AttrValue__Output {
  return { s: Buffer.from(value), value: 's' };
}

const padding = (layer: LayerNode): AttrValue__Output => text(layer.text('padding', 'valid').toUpperCase());

/** Activation functions by their names in Keras. */
const ACTIVATIONS: Readonly<Record<string, (graph: GraphBuilder, x: string) => string>> = {
  elu: (graph, x) => graph.node('Elu', [x]),
  exponential: (graph, x) => graph.node('Exp', [x]),
  hard_sigmoid: (graph, x) => {
    const line = graph.node('AddV2', [graph.node('Mul', [x, graph.float(0.2)]), graph.float(0.5)]);
    return graph.node('Maximum', [graph.node('Minimum', [line, graph.float(1)]), graph.float(0)]);
  },
  linear: (_, x) => x,
  relu: (graph, x) => graph.node('Relu', [x]),
  relu6: (graph, x) => graph.node('Relu6', [x]),
  selu: (graph, x) => graph.node('Selu', [x]),
  sigmoid: (graph, x) => graph.node('Sigmoid', [x]),
  silu: (graph, x) => graph.node('Mul', [x, graph.node('Sigmoid', [x])]),
  softmax: (graph, x) => graph.node('Softmax', [x]),
  softplus: (graph, x) => graph.node('Softplus', [x]),
  softsign: (graph, x) => graph.node('Softsign', [x]),
  swish: (graph, x) => graph.node('Mul', [x, graph.node('Sigmoid', [x])]),
  tanh: (graph, x) => graph.node('Tanh', [x]),
};

function activate(layer: LayerNode, graph: GraphBuilder, x: string): string {
  const name = layer.text('activation', 'linear');
  const activation = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  return activation ? activation(graph, x) : layer.refuse(`with the activation ${name}`);
}

function addBias(layer: LayerNode, graph: GraphBuilder, x: string): string {
  return layer.flag('use_bias', true) ? graph.node('BiasAdd', [x, graph.weight(layer, 'bias')], float) : x;
}

function convolution(opType: string, kernel: string): Layer {
  return (layer, graph) => {
    layer.requireChannelsLast();
    const conv = graph.node(opType, [layer.input, graph.weight(layer, kernel)], windows(layer));
    return activate(layer, graph, addBias(layer, graph, conv));
  };
}

function windows(layer: LayerNode): Record<string, AttrValue__Output> {
  return {
    ...float,
    strides: whole(1, ...layer.pair('strides'), 1),
    dilations: whole(1, ...layer.pair('dilation_rate'), 1),
    padding: padding(layer),
  };
}

const separable: Layer = (layer, graph) => {
  layer.requireChannelsLast();
  const depthwise = graph.node(
    'DepthwiseConv2dNative',
    [layer.input, graph.weight(layer, 'depthwise_kernel')],
    windows(layer),
  );
  const pointwise = graph.node('Conv2D', [depthwise, graph.weight(layer, 'pointwise_kernel')], {
    ...float,
    strides: whole(1, 1, 1, 1),
    padding: text('VALID'),
  });
  return activate(layer, graph, addBias(layer, graph, pointwise));
};

const dense: Layer = (layer, graph) => {
  const product = graph.node('MatMul', [layer.input, graph.weight(layer, 'kernel')], float);
  return activate(layer, graph, addBias(layer, graph, product));
};

/** With the statistics of training, batch norm is a multiplication and an addition, whatever the rank. */
const batchNorm: Layer = (layer, graph) => {
  const [axis = -1] = layer.has('axis') ? layer.numbers('axis') : [-1];
  const mean = graph.weightData(layer, 'moving_mean');
  const variance = graph.weightData(layer, 'moving_variance');
  const gamma = layer.flag('scale', true) ? graph.weightData(layer, 'gamma') : variance.map(() => 1);
  const beta = layer.flag('center', true) ? graph.weightData(layer, 'beta') : variance.map(() => 0);
  const epsilon = layer.number('epsilon', 0.001);
  const factors = variance.map((value, channel) => (gamma[channel] ?? 1) / Math.sqrt(value + epsilon));
  const offsets = factors.map((factor, channel) => (beta[channel] ?? 0) - (mean[channel] ?? 0) * factor);
  if (axis > 0 && axis !== 3) {
    layer.refuse(`along axis ${axis}`);
  }
  const scaled = graph.node('Mul', [layer.input, graph.floats(factors)], float);
  return graph.node('AddV2', [scaled, graph.floats(offsets)], float);
};

function pool(opType: string): Layer {
  return (layer, graph) => {
    layer.requireChannelsLast();
    const size = layer.pair('pool_size', 2);
    return graph.node(opType, [layer.input], {
      ...float,
      ksize: whole(1, ...size, 1),
      strides: whole(1, ...(layer.has('strides') ? layer.pair('strides') : size), 1),
      padding: padding(layer),
    });
  };
}

function globalPool(opType: string): Layer {
  return (layer, graph) => {
    layer.requireChannelsLast();
    return graph.node(opType, [layer.input, graph.integers([1, 2])], {
      ...float,
      keep_dims: { b: layer.flag('keepdims', false), value: 'b' },
    });
  };
}

/** Reshapes each element of the batch. */
function reshape(graph: GraphBuilder, x: string, sizes: readonly number[]): string {
  const shape = graph.node('Shape', [x]);
  const [zero, one] = [graph.integers([0]), graph.integers([1])];
  const batch = graph.node('StridedSlice', [shape, zero, one, one]);
  const target = graph.node('ConcatV2', [batch, graph.integers(sizes), graph.integer(0)]);
  return graph.node('Reshape', [x, target], float);
}

function merge(opType: string): Layer {
  return ({ inputs }, graph) =>
    inputs.slice(1).reduce((merged, each) => graph.node(opType, [merged, each], float), inputs[0] ?? '');
}

const average: Layer = (layer, graph) =>
  graph.node('RealDiv', [merge('AddV2')(layer, graph), graph.float(layer.inputs.length)], float);

const reluLayer: Layer = (layer, graph) => {
  const isPlain = layer.number('threshold', 0) === 0 && layer.number('negative_slope', 0) === 0;
  if (!isPlain) {
    layer.refuse('with a threshold or a slope');
  }
  const positive = graph.node('Relu', [layer.input]);
  return layer.has('max_value')
    ? graph.node('Minimum', [positive, graph.float(layer.number('max_value', 6))], float)
    : positive;
};

const zeroPadding: Layer = (layer, graph) => {
  layer.requireChannelsLast();
  const [rows, columns] = edges(layer);
  return graph.node('Pad', [layer.input, graph.integers([0, 0, ...rows, ...columns, 0, 0], [4, 2])], float);
};

/** `2`, `[1, 2]` or `[[0, 1], [0, 1]]`. */
function edges(layer: LayerNode): readonly [readonly number[], readonly number[]] {
  const nested = layer.raw('padding');
  if (Array.isArray(nested) && nested.every((each) => Array.isArray(each) && each.length === 2)) {
    const lists = nested as readonly (readonly number[])[];
    const [rows, columns] = [lists.at(0), lists.at(1)];
    return rows && columns ? [rows, columns] : layer.refuse('with padding of another form');
  }
  const [rows, columns] = layer.pair('padding');
  return [
    [rows, rows],
    [columns, columns],
  ];
}

const upSampling: Layer = (layer, graph) => {
  layer.requireChannelsLast();
  const mode = layer.text('interpolation', 'nearest');
  const shape = graph.node('Shape', [layer.input]);
  const sizes = graph.node('StridedSlice', [
    shape,
    graph.integers([1]),
    graph.integers([3]),
    graph.integers([1]),
  ]);
  const target = graph.node('Mul', [sizes, graph.integers(layer.pair('size', 2))]);
  return mode === 'nearest'
    ? graph.node('ResizeNearestNeighbor', [layer.input, target])
    : layer.refuse(`with the interpolation ${mode}`);
};

const identity: Layer = ({ input }) => input;

/** Layers by their names in Keras. */
export const LAYERS: ReadonlyMap<string, Layer> = new Map<string, Layer>(
  Object.entries({
    Activation: (layer, graph) => activate(layer, graph, layer.input),
    ActivityRegularization: identity,
    Add: merge('AddV2'),
    Average: average,
    AveragePooling2D: pool('AvgPool'),
    BatchNormalization: batchNorm,
    Concatenate: (layer, graph) =>
      graph.node('ConcatV2', [...layer.inputs, graph.integer(layer.number('axis', -1))], float),
    Conv2D: convolution('Conv2D', 'kernel'),
    Dense: dense,
    DepthwiseConv2D: convolution('DepthwiseConv2dNative', 'depthwise_kernel'),
    Dropout: identity,
    ELU: (layer, graph) =>
      layer.number('alpha', 1) === 1
        ? graph.node('Elu', [layer.input])
        : layer.refuse('with another alpha than 1'),
    Flatten: (layer, graph) => {
      layer.requireChannelsLast();
      return reshape(graph, layer.input, [-1]);
    },
    GaussianDropout: identity,
    GaussianNoise: identity,
    GlobalAveragePooling2D: globalPool('Mean'),
    GlobalMaxPooling2D: globalPool('Max'),
    LeakyReLU: (layer, graph) =>
      graph.node('LeakyRelu', [layer.input], { alpha: { f: layer.number('alpha', 0.3), value: 'f' } }),
    MaxPooling2D: pool('MaxPool'),
    Maximum: merge('Maximum'),
    Minimum: merge('Minimum'),
    Multiply: merge('Mul'),
    Permute: (layer, graph) =>
      graph.node('Transpose', [layer.input, graph.integers([0, ...layer.numbers('dims')])], float),
    ReLU: reluLayer,
    Reshape: (layer, graph) => reshape(graph, layer.input, layer.numbers('target_shape')),
    SeparableConv2D: separable,
    Softmax: (layer, graph) =>
      layer.number('axis', -1) === -1
        ? graph.node('Softmax', [layer.input])
        : layer.refuse('along another axis than the last'),
    SpatialDropout2D: identity,
    Subtract: merge('Sub'),
    UpSampling2D: upSampling,
    ZeroPadding2D: zeroPadding,
  } satisfies Record<string, Layer>),
);
