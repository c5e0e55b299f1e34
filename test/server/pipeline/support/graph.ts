import { messageType } from '../../../../lib/wire/proto/load';
import type { AttrValue } from '../../../../lib/wire/proto/types/tensorflow/AttrValue';
import type { FunctionDef } from '../../../../lib/wire/proto/types/tensorflow/FunctionDef';
import type { GraphDef, GraphDef__Output } from '../../../../lib/wire/proto/types/tensorflow/GraphDef';
import type { NodeDef } from '../../../../lib/wire/proto/types/tensorflow/NodeDef';
import type { TensorProto } from '../../../../lib/wire/proto/types/tensorflow/TensorProto';

const codec = messageType<GraphDef, GraphDef__Output>('tensorflow.GraphDef');

export function graphBytes(node: NodeDef[], functions: FunctionDef[] = []): Buffer {
  const library = functions.length === 0 ? null : { function: functions };
  return codec.serialize({ node, library, versions: { producer: 1, minConsumer: 0 } });
}

export function decodeGraph(bytes: Buffer): GraphDef__Output {
  return codec.deserialize(bytes);
}

export function encodeGraph(graph: GraphDef): Buffer {
  return codec.serialize(graph);
}

export function shapeOf(sizes: readonly number[]): { dim: { size: number }[] } {
  return { dim: sizes.map((size) => ({ size })) };
}

export function node(
  name: string,
  op: string,
  input: string[],
  attr: Record<string, AttrValue> = {},
): NodeDef {
  return { name, op, input, attr };
}

export function placeholder(
  name: string,
  shape: readonly number[],
  type: 'DT_FLOAT' | 'DT_UINT8' = 'DT_FLOAT',
): NodeDef {
  return node(name, 'Placeholder', [], { dtype: { type }, shape: { shape: shapeOf(shape) } });
}

export function constant(name: string, tensor: TensorProto): NodeDef {
  return node(name, 'Const', [], { dtype: { type: tensor.dtype ?? 'DT_FLOAT' }, value: { tensor } });
}

export function floats(name: string, shape: readonly number[], values: readonly number[]): NodeDef {
  return constant(name, { dtype: 'DT_FLOAT', tensorShape: shapeOf(shape), floatVal: [...values] });
}

export function integers(name: string, shape: readonly number[], values: readonly number[]): NodeDef {
  return constant(name, { dtype: 'DT_INT32', tensorShape: shapeOf(shape), intVal: [...values] });
}
