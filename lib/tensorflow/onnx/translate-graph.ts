import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';
import { ConstantReader } from '../graph-def/constant';
import { dataInputs, GraphProblem, parseReference } from '../graph-def/graph-node';
import type { PreparedGraph } from '../graph-def/prepare-graph';
import { Operand, UntranslatableError, type Operation } from './operation';
import { arrangementOperations } from './operations/arrangement';
import { convolutionOperations } from './operations/convolution';
import { elementWiseOperations } from './operations/element-wise';
import { matrixOperations } from './operations/matrix';
import { normalizationOperations } from './operations/normalization';
import { poolingOperations } from './operations/pooling';
import { reductionOperations } from './operations/reduction';
import { resizeOperations } from './operations/resize';
import { Translation } from './translation';
import type { Value } from './value';

/** Name of the translated model's input. */
export const ONNX_INPUT = 'input';

/** Name of an output of the translated model, by its position. */
export function onnxOutput(index: number): string {
  return `output_${index}`;
}

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    ...arrangementOperations,
    ...convolutionOperations,
    ...elementWiseOperations,
    ...matrixOperations,
    ...normalizationOperations,
    ...poolingOperations,
    ...reductionOperations,
    ...resizeOperations,
  }),
);

/**
 * Translates a graph to an ONNX model with the input `input` and the outputs `output_0`, `output_1`, …, all of them float32.
 *
 * Convolutions, pooling and everything between them compute in NCHW, so that a model transposes its input once. Batch norm and
 * constant parts of the graph stay as they are: onnxruntime folds them when it loads the model.
 * @returns the serialized ModelProto
 * @throws UntranslatableError if an operation has no translation
 * @throws GraphProblem if a constant is invalid
 */
export function translateGraph(graph: PreparedGraph): Buffer {
  const to = new Translation();
  const values = new Map<string, readonly Value[]>();
  const constants = new ConstantReader();
  for (const node of inOrder(graph)) {
    values.set(node.name, translateNode(node, graph, to, values, constants));
  }
  graph.outputs.forEach((name, index) => {
    const value = values.get(name)?.[0];
    if (value === undefined) {
      throw new GraphProblem(`does not compute '${name}'; freeze the graph again`);
    }
    const read = to.read(value);
    const floats = value.type === 'float' ? read : to.node('Cast', [read], { to: 1 });
    to.model.output(onnxOutput(index), floats, 'float', value.shape);
  });
  return to.model.serialize();
}

function translateNode(
  node: NodeDef__Output,
  { input }: PreparedGraph,
  to: Translation,
  values: ReadonlyMap<string, readonly Value[]>,
  constants: ConstantReader,
): readonly Value[] {
  if (node.name === input.name) {
    return [feed(to, input)];
  }
  if (node.op === 'Const') {
    return [readConstant(node, to, constants)];
  }
  const operation = OPERATIONS.get(node.op);
  if (operation === undefined) {
    throw new UntranslatableError(node.op, node.name);
  }
  const inputs = dataInputs(node.input).map((text) => {
    const { node: name, index } = parseReference(text);
    return values.get(name)?.[index];
  });
  if (inputs.includes(undefined)) {
    throw new UntranslatableError(`${node.op} with an output that is not translated`, node.name);
  }
  try {
    const outputs = operation(new Operand(node, inputs as readonly Value[]), to);
    return Array.isArray(outputs) ? (outputs as readonly Value[]) : [outputs as Value];
  } catch (error) {
    // Shapes that do not fit each other: TensorFlow.js has a message for each case.
    throw error instanceof RangeError ? new UntranslatableError(node.op, node.name) : error;
  }
}

function feed(to: Translation, { type, shape }: PreparedGraph['input']): Value {
  const dims =
    shape.length === 0
      ? undefined
      : shape.map((size, axis) => (size < 0 ? (axis === 0 ? 'batch' : to.unknownSize()) : size));
  to.model.input(ONNX_INPUT, 'float', dims);
  return type === 'float32'
    ? to.value('float', ONNX_INPUT, { shape: dims })
    : to.value('int', to.node('Cast', [ONNX_INPUT], { to: 7 }), { shape: dims });
}

function readConstant(node: NodeDef__Output, to: Translation, constants: ConstantReader): Value {
  const { dtype, shape, bytes } = constants.read(node);
  switch (dtype) {
    case 'float32':
      return to.constant(new Float32Array(bytes), shape);
    case 'int32':
      return to.constant(new Int32Array(bytes), shape);
    case 'bool':
      return to.constant(new Uint8Array(bytes), shape);
    default:
      throw new UntranslatableError(`Const of type ${dtype}`, node.name);
  }
}

/** Returns the nodes so that each follows its inputs. */
function inOrder({ nodes, outputs, input }: PreparedGraph): readonly NodeDef__Output[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const ordered: NodeDef__Output[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const pending = [...outputs];
  for (let name = pending.at(-1); name !== undefined; name = pending.at(-1)) {
    const node = byName.get(name);
    if (node === undefined || state.get(name) === 'done') {
      pending.pop();
      continue;
    }
    const inputs = name === input.name ? [] : dataInputs(node.input).map((text) => parseReference(text).node);
    const missing = inputs.filter((each) => byName.has(each) && state.get(each) !== 'done');
    if (missing.length === 0) {
      state.set(name, 'done');
      ordered.push(node);
      pending.pop();
      continue;
    }
    if (state.get(name) === 'open' && missing.some((each) => state.get(each) === 'open')) {
      throw new UntranslatableError('a loop', name);
    }
    state.set(name, 'open');
    pending.push(...missing);
  }
  return ordered;
}
