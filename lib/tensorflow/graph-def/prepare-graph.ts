import type { GraphDef__Output } from '../../wire/proto/types/tensorflow/GraphDef';
import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';
import { findAttribute, formatReference, GraphProblem, parseReference, type Reference } from './graph-node';
import { cutGraph } from './cut-graph';
import { foldConditions } from './fold-conditions';
import { inlineCalls, type FunctionLibrary } from './inline-calls';

/** A graph with one placeholder and nodes to fetch, without calls and without anything that its outputs do not need. */
export interface PreparedGraph {
  readonly nodes: readonly NodeDef__Output[];
  readonly library: FunctionLibrary;
  readonly versions: GraphDef__Output['versions'];
  readonly input: GraphInput;
  /** Names of the nodes to fetch. */
  readonly outputs: readonly string[];
}

/** The placeholder to feed. */
export interface GraphInput {
  readonly name: string;
  readonly type: 'float32' | 'int32';
  /** Dimensions, -1 if unknown; empty if the rank is unknown. */
  readonly shape: readonly number[];
}

const INPUT_TYPES = new Map<string, 'float32' | 'int32'>(
  Object.entries({
    DT_FLOAT: 'float32',
    DT_DOUBLE: 'float32',
    DT_HALF: 'float32',
    DT_INT32: 'int32',
    DT_INT64: 'int32',
    DT_INT8: 'int32',
    DT_UINT8: 'int32',
  } as const),
);

/**
 * Cuts a frozen graph from its input to its outputs, inlines its function calls and removes branches that are never taken.
 * @param inputTensor the tensor to feed, `features:0`
 * @param outputTensors the tensors to fetch, `probabilities:0`
 * @throws GraphProblem if the graph does not connect these tensors or is invalid
 */
export function prepareGraph(
  graph: GraphDef__Output,
  inputTensor: string,
  outputTensors: readonly string[],
): PreparedGraph {
  const library = new Map(
    (graph.library?.function ?? []).map((definition) => [definition.signature?.name ?? '', definition]),
  );
  const { nodes: inlined, resolve } = inlineCalls(foldConditions(graph.node), library);
  const names = new Map(inlined.map((node) => [node.name, node]));
  checkTensor(graph, 'input', inputTensor);
  outputTensors.forEach((tensor) => {
    checkTensor(graph, 'output', tensor);
  });

  const input = feedableInput(names, parseReference(inputTensor));
  // A separate node to fetch makes it possible to name any output of any node.
  const outputs = outputTensors.map((tensor) => {
    const name = unusedName(names, 'fetched');
    names.set(name, node(name, 'Identity', [resolve(formatReference(parseReference(tensor)))], {}));
    return name;
  });
  return { nodes: cutGraph(names, input.name, outputs), library, versions: graph.versions, input, outputs };
}

function checkTensor(graph: GraphDef__Output, side: 'input' | 'output', tensor: string): void {
  const wanted = parseReference(tensor);
  if (graph.node.some((each) => each.name === wanted.node) && Number.isInteger(wanted.index)) {
    return;
  }
  const consumed = new Set(graph.node.flatMap((each) => each.input).map((text) => parseReference(text).node));
  const candidates = graph.node.filter((each) =>
    side === 'input' ? each.op === 'Placeholder' : each.op !== 'Const' && !consumed.has(each.name),
  );
  const some = candidates.slice(0, 5).map((each) => `'${each.name}:0'`);
  const hint = some.length === 0 ? '' : `; set ${side}Tensor to one of: ${some.join(', ')}`;
  throw new GraphProblem(`has no tensor '${tensor}'${hint}`);
}

/** Returns the node to feed: the input's placeholder, or a new one that replaces a computed tensor. */
function feedableInput(nodes: Map<string, NodeDef__Output>, wanted: Reference): GraphInput {
  const fed = nodes.get(wanted.node);
  if (fed?.op === 'Placeholder' || fed?.op === 'PlaceholderWithDefault') {
    const dtype = findAttribute(fed, 'dtype')?.type ?? 'DT_FLOAT';
    const type = INPUT_TYPES.get(dtype);
    if (type === undefined) {
      throw new GraphProblem(
        `expects ${dtype} at '${wanted.node}', but stages pass numbers; freeze it with a float input`,
      );
    }
    const shape = findAttribute(fed, 'shape')?.shape;
    const isKnown = shape != null && !shape.unknownRank;
    nodes.set(wanted.node, { ...fed, op: 'Placeholder', input: [] });
    return { name: wanted.node, type, shape: isKnown ? shape.dim.map((dim) => dim.size) : [] };
  }
  const name = unusedName(nodes, `${wanted.node}/fed`);
  const isWanted = (text: string): boolean => {
    const reference = parseReference(text);
    return reference.node === wanted.node && reference.index === wanted.index;
  };
  for (const [key, each] of nodes) {
    nodes.set(key, { ...each, input: each.input.map((text) => (isWanted(text) ? name : text)) });
  }
  nodes.set(name, node(name, 'Placeholder', [], { dtype: { type: 'DT_FLOAT', value: 'type' } }));
  return { name, type: 'float32', shape: [] };
}

function unusedName(nodes: ReadonlyMap<string, unknown>, wanted: string): string {
  let name = wanted;
  while (nodes.has(name)) {
    name += '_';
  }
  return name;
}

function node(name: string, op: string, input: string[], attr: NodeDef__Output['attr']): NodeDef__Output {
  return { name, op, input, device: '', attr };
}
