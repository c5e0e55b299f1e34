import { messageType } from '../wire/proto/load';
import type { ModelProto, ModelProto__Output } from '../wire/proto/types/onnx/ModelProto';
import type { ValueInfoProto__Output } from '../wire/proto/types/onnx/ValueInfoProto';
import type { GraphDef, GraphDef__Output } from '../wire/proto/types/tensorflow/GraphDef';
import { nodeName, type Shape } from '../wire/tensor';

/** Shapes that a model file declares, by tensor name. A tensor without a declared shape maps to `undefined`. */
export interface ModelSignature {
  readonly inputs: ReadonlyMap<string, Shape | undefined>;
  readonly outputs: ReadonlyMap<string, Shape | undefined>;
  /** Names of the outputs that are probably meant for callers. @default - all outputs */
  readonly results?: readonly string[] | undefined;
}

/** Operations whose values no caller needs. */
const WITHOUT_RESULT = new Set(['Const', 'NoOp', 'Placeholder', 'PlaceholderWithDefault']);

/**
 * Returns the inputs and outputs that an ONNX file declares (`ModelProto.graph`). Weights are skipped, not parsed.
 * @throws if the bytes are not an ONNX model
 */
export function onnxSignature(file: Uint8Array): ModelSignature {
  const { graph } = messageType<ModelProto, ModelProto__Output>('onnx.ModelProto').deserialize(
    asBuffer(file),
  );
  if (!graph || graph.output.length === 0) {
    throw new Error('it declares no outputs');
  }
  return { inputs: shapes(graph.input), outputs: shapes(graph.output) };
}

/**
 * Returns the placeholders of a frozen GraphDef as inputs and every node as a possible output: a GraphDef declares
 * neither its outputs nor their shapes.
 * @throws if the bytes are not a GraphDef
 */
export function graphDefSignature(file: Uint8Array): ModelSignature {
  const graph = messageType<GraphDef, GraphDef__Output>('tensorflow.GraphDef').deserialize(asBuffer(file));
  if (graph.node.length === 0 || graph.node.some(({ name, op }) => name === '' || op === '')) {
    throw new Error('it contains no nodes');
  }
  const inputs = graph.node
    .filter(({ op }) => op === 'Placeholder' || op === 'PlaceholderWithDefault')
    .map(({ name, attr }) => {
      const shape = (attr as Partial<typeof attr>).shape?.shape;
      return [name, shape && !shape.unknownRank ? shape.dim.map(({ size }) => size) : undefined] as const;
    });
  return {
    inputs: new Map(inputs),
    outputs: new Map(graph.node.map(({ name }) => [name, undefined])),
    results: resultsOf(graph),
  };
}

/** Returns the names of the nodes whose values no other node uses. */
function resultsOf({ node: nodes }: GraphDef__Output): string[] {
  const used = new Set(
    nodes.flatMap(({ input }) => input).map((input) => nodeName(input.replace(/^\^/, ''))),
  );
  return nodes.filter(({ name, op }) => !used.has(name) && !WITHOUT_RESULT.has(op)).map(({ name }) => name);
}

function shapes(values: readonly ValueInfoProto__Output[]): Map<string, Shape | undefined> {
  return new Map(
    values.map(({ name, type }) => [
      name,
      type?.tensorType?.shape?.dim.map((dim) => (dim.value === 'dimValue' ? (dim.dimValue ?? -1) : -1)),
    ]),
  );
}

function asBuffer(file: Uint8Array): Buffer {
  return Buffer.from(file.buffer, file.byteOffset, file.byteLength);
}
