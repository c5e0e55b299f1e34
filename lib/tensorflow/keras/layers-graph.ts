import { nodeName } from '../../wire/tensor';
import type { PreparedGraph } from '../graph-def/prepare-graph';
import { UntranslatableError } from '../onnx/operation';
import { GraphBuilder, type LayerWeight } from './graph-builder';
import { LayerNode, LAYERS, type LayerConfig } from './keras-layers';

/** A TensorFlow.js layers model: the parsed `model.json` and its weight files. */
export interface LayersModelFiles {
  readonly modelTopology: Readonly<Record<string, unknown>>;
  readonly weightSpecs: readonly Readonly<Record<string, unknown>>[];
  readonly weightData: readonly ArrayBuffer[];
}

interface LayerJson {
  readonly name: string;
  readonly className: string;
  readonly config: LayerConfig;
  /** Names of the layers before it; `undefined` in a Sequential model. */
  readonly inbound: readonly string[] | undefined;
}

/**
 * Converts a layers model to a TensorFlow graph, so that it is translated as one.
 * @param input name of the input layer
 * @param outputs names of layers to fetch
 * @throws UntranslatableError if a layer has no translation, or the model is not a simple graph of layers
 */
export function layersGraph(
  { modelTopology, weightSpecs, weightData }: LayersModelFiles,
  input: string,
  outputs: readonly string[],
): PreparedGraph {
  const layers = readLayers(modelTopology);
  const graph = new GraphBuilder(readWeights(weightSpecs, weightData));
  const wanted = nodeName(input);
  const shape = inputShape(layers, wanted);
  graph.placeholder('input');
  const tensors = new Map<string, string>([[wanted, 'input']]);
  let previous = 'input';
  for (const { name, className, config, inbound } of layers) {
    if (className === 'InputLayer') {
      if (name !== wanted) {
        throw new UntranslatableError('InputLayer with another name than the input', name);
      }
      continue;
    }
    const layer = LAYERS.get(className);
    if (layer === undefined) {
      throw new UntranslatableError(className, name);
    }
    const inputs = (inbound ?? [previous]).map((each) => tensors.get(each) ?? each);
    previous = layer(new LayerNode(name, className, config, inputs), graph);
    tensors.set(name, previous);
  }
  const fetched = outputs.map((output, index) => {
    const [name = ''] = nodeName(output).split('/');
    const tensor = tensors.get(name);
    if (tensor === undefined) {
      throw new UntranslatableError('no layer of that name', name);
    }
    graph.alias(`fetched_${index}`, tensor);
    return `fetched_${index}`;
  });
  return {
    nodes: graph.nodes,
    library: new Map(),
    versions: null,
    input: { name: 'input', type: 'float32', shape },
    outputs: fetched,
  };
}

/** Sequential models without an InputLayer name the shape in their first layer. */
function inputShape(layers: readonly LayerJson[], wanted: string): readonly number[] {
  const first = layers.at(0);
  const shape = first?.config.batch_input_shape ?? first?.config.batch_shape;
  if (first === undefined || !Array.isArray(shape)) {
    throw new UntranslatableError('a first layer without a shape', wanted);
  }
  if (first.className !== 'InputLayer' && wanted !== `${first.name}_input`) {
    throw new UntranslatableError(`a first layer with another input than ${wanted}`, first.name);
  }
  return shape.map((size) => (typeof size === 'number' ? size : -1));
}

function readLayers(topology: Readonly<Record<string, unknown>>): readonly LayerJson[] {
  const model = asRecord(topology.model_config ?? topology);
  const config: unknown = model.config;
  const listed: unknown = Array.isArray(config) ? config : asRecord(config).layers;
  if (!Array.isArray(listed)) {
    throw new UntranslatableError('a model without layers', String(model.class_name));
  }
  const isSequential = model.class_name === 'Sequential';
  return listed.map((each: unknown) => {
    const layer = asRecord(each);
    const layerConfig = asRecord(layer.config);
    const name = String(layer.name ?? layerConfig.name);
    const className = String(layer.class_name);
    return {
      name,
      className,
      config: layerConfig,
      inbound:
        isSequential || className === 'InputLayer' ? undefined : inboundLayers(name, layer.inbound_nodes),
    };
  });
}

/** `[[["conv1", 0, 0, {}], …]]`: a layer that is used once, and the first outputs of the layers before it. */
function inboundLayers(layer: string, nodes: unknown): readonly string[] {
  const [uses, ...others] = Array.isArray(nodes) ? (nodes as unknown[]) : [];
  if (!Array.isArray(uses) || others.length > 0) {
    throw new UntranslatableError('a layer that is used several times', layer);
  }
  return uses.map((use: unknown) => {
    const [name, index, tensor] = Array.isArray(use) ? (use as readonly unknown[]) : [];
    if (typeof name !== 'string' || index !== 0 || tensor !== 0) {
      throw new UntranslatableError('an output of a shared layer', layer);
    }
    return name;
  });
}

function readWeights(
  specs: LayersModelFiles['weightSpecs'],
  data: readonly ArrayBuffer[],
): ReadonlyMap<string, LayerWeight> {
  const bytes = Buffer.concat(data.map((part) => Buffer.from(part)));
  let offset = 0;
  const weights = new Map(
    specs.map(({ name, dtype, shape, quantization }) => {
      if (dtype !== 'float32' || quantization !== undefined || !Array.isArray(shape)) {
        throw new UntranslatableError(`a weight of type ${String(dtype)}`, String(name));
      }
      const sizes = shape.map(Number);
      const length = 4 * sizes.reduce((product, size) => product * size, 1);
      const weight = { shape: sizes, bytes: bytes.subarray(offset, offset + length) };
      offset += length;
      return [String(name), weight] as const;
    }),
  );
  if (offset !== bytes.length) {
    throw new UntranslatableError(`weights of ${bytes.length} bytes instead of ${offset}`, 'weightsManifest');
  }
  return weights;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
