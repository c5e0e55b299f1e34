import { messageType } from '../wire/proto/load';
import type { AttrValue__Output } from '../wire/proto/types/tensorflow/AttrValue';
import type { FunctionDef__Output } from '../wire/proto/types/tensorflow/FunctionDef';
import type { GraphDef, GraphDef__Output } from '../wire/proto/types/tensorflow/GraphDef';
import type { NodeDef__Output } from '../wire/proto/types/tensorflow/NodeDef';
import { collectNeeded } from './graph-def/cut-graph';
import { foldConditions } from './graph-def/fold-conditions';
import { inlineCalls } from './graph-def/inline-calls';
import { findAttribute, formatReference, GraphProblem, parseReference } from './graph-def/graph-node';
import { savedNames } from './saved-variables';
import type { StoredTensor, TensorBundle } from './tensor-bundle';

const codec = messageType<GraphDef, GraphDef__Output>('tensorflow.GraphDef');

const VARIABLES = new Set(['Variable', 'VariableV2', 'VarHandleOp']);

/** A graph without variables. */
export interface FrozenGraph {
  /** A serialized GraphDef. */
  readonly bytes: Uint8Array;
  /** Names of the requested tensors in the frozen graph, in which function calls are inlined. */
  readonly outputs: readonly string[];
}

/**
 * Cuts a graph from its input to its outputs and replaces its variables with constants, like
 * `convert_variables_to_constants`.
 * @param input the tensor that is fed, `InputImage:0`
 * @param outputs the tensors that are fetched
 * @throws GraphProblem if a tensor is missing, a variable was not saved, or the graph has a cycle
 * @throws FileProblem if the checkpoint is damaged
 */
export function freezeGraph(
  graph: GraphDef__Output,
  variables: TensorBundle | undefined,
  input: string,
  outputs: readonly string[],
): FrozenGraph {
  const library = new Map(
    (graph.library?.function ?? []).map((definition) => [definition.signature?.name ?? '', definition]),
  );
  const { nodes: inlined, resolve } = inlineCalls(foldConditions(graph.node), library);
  const nodes = new Map(inlined.map((node) => [node.name, node]));
  const fed = parseReference(input).node;
  const fetched = outputs.map((output) => resolve(formatReference(parseReference(output))));
  const needed = collectNeeded(nodes, fetched, (name) => name === fed);
  refuseCircles(needed, fed);

  const names = savedNames(nodes);
  const constants = new Map<string, StoredTensor>();
  for (const { name, op } of needed.values()) {
    if (VARIABLES.has(op) && name !== fed) {
      constants.set(name, readVariable(variables, names, name));
    }
  }
  const frozen = [...needed.values()].map((node) => freezeNode(node, constants, fed));
  const functions = usedFunctions(frozen, library);
  return {
    bytes: codec.serialize({
      node: frozen,
      ...(functions.length > 0 && { library: { function: [...functions] } }),
      ...(graph.versions && { versions: graph.versions }),
    }),
    outputs: fetched,
  };
}

function readVariable(
  variables: TensorBundle | undefined,
  names: ReadonlyMap<string, string>,
  node: string,
): StoredTensor {
  if (variables === undefined) {
    throw new GraphProblem(`has the variable '${node}', but no checkpoint with its value; freeze the graph`);
  }
  const saved = names.get(node);
  if (saved === undefined && names.size > 0 && !variables.has(node)) {
    throw new GraphProblem(
      `uses the variable '${node}', whose value it does not restore, so that no model server can load it; save a Keras model ` +
        'with model.export',
    );
  }
  return variables.read(saved !== undefined && variables.has(saved) ? saved : node);
}

function freezeNode(
  node: NodeDef__Output,
  constants: ReadonlyMap<string, StoredTensor>,
  fed: string,
): NodeDef__Output {
  const input = [...node.input];
  const value = constants.get(node.name);
  if (value !== undefined) {
    return { name: node.name, op: 'Const', input: [], device: '', attr: constantAttributes(value) };
  }
  if (node.name === fed) {
    // A computed tensor that is fed becomes an input, so that other tools can also read the graph.
    return node.op.startsWith('Placeholder')
      ? { ...node, input: [], device: '' }
      : {
          name: node.name,
          op: 'Placeholder',
          input: [],
          device: '',
          attr: { dtype: { type: 'DT_FLOAT', value: 'type' } },
        };
  }
  if (node.op === 'ReadVariableOp' && constants.has(parseReference(input[0] ?? '').node)) {
    const dtype = findAttribute(node, 'dtype');
    return { name: node.name, op: 'Identity', input, device: '', attr: { ...(dtype && { T: dtype }) } };
  }
  return { ...node, device: '' };
}

function constantAttributes({ dtype, shape, content }: StoredTensor): NodeDef__Output['attr'] {
  const tensor = {
    dtype,
    tensorShape: { dim: shape.map((size) => ({ size, name: '' })), unknownRank: false },
    versionNumber: 0,
    tensorContent: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    floatVal: [],
    doubleVal: [],
    intVal: [],
    stringVal: [],
    int64Val: [],
    boolVal: [],
    halfVal: [],
  };
  return { dtype: { type: dtype, value: 'type' }, value: { tensor, value: 'tensor' } };
}

/**
 * Checks for cycles, which are valid only at the start of a loop's next iteration.
 * @throws GraphProblem if there is another cycle
 */
function refuseCircles(nodes: ReadonlyMap<string, NodeDef__Output>, fed: string): void {
  const done = new Set<string>();
  const open = new Set<string>();
  for (const start of nodes.keys()) {
    const path = [{ name: start, next: 0 }];
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const node = nodes.get(last.name);
      const inputs = node === undefined || node.name === fed || node.op === 'NextIteration' ? [] : node.input;
      const text = done.has(last.name) ? undefined : inputs[last.next];
      if (text === undefined) {
        done.add(last.name);
        open.delete(last.name);
        path.pop();
        continue;
      }
      open.add(last.name);
      last.next += 1;
      const name = parseReference(text).node;
      if (open.has(name)) {
        throw new GraphProblem(`feeds '${name}' with its own output; save the graph again`);
      }
      if (!done.has(name)) {
        path.push({ name, next: 0 });
      }
    }
  }
}

/** Returns the functions that the nodes reference, directly or through other functions. */
function usedFunctions(
  nodes: readonly NodeDef__Output[],
  library: ReadonlyMap<string, FunctionDef__Output>,
): readonly FunctionDef__Output[] {
  const used = new Map<string, FunctionDef__Output>();
  const pending = nodes.flatMap(({ attr }) => functionNames(attr));
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const definition = library.get(name);
    if (definition === undefined || used.has(name)) {
      continue;
    }
    used.set(name, definition);
    pending.push(...definition.nodeDef.flatMap(({ attr }) => functionNames(attr)));
  }
  return [...used.keys()].sort().flatMap((name) => used.get(name) ?? []);
}

function functionNames(attr: Readonly<Record<string, AttrValue__Output>>): readonly string[] {
  return Object.values(attr).flatMap(({ func, list }) =>
    [func, ...(list?.func ?? [])].flatMap((named) => (named == null ? [] : [named.name])),
  );
}
