import type { io } from '@tensorflow/tfjs-core';

import type { AttrValue__Output } from '../../wire/proto/types/tensorflow/AttrValue';
import type { FunctionDef__Output } from '../../wire/proto/types/tensorflow/FunctionDef';
import type { GraphDef__Output } from '../../wire/proto/types/tensorflow/GraphDef';
import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';
import { findAttribute, formatReference, GraphProblem, parseReference, type Reference } from './graph-node';
import { convertConstant } from './constant';
import { collectNeeded, cutGraph } from './cut-graph';
import { foldConditions } from './fold-conditions';
import { inlineCalls, type FunctionLibrary } from './inline-calls';
import { toTfjsOperations } from './tfjs-operations';

/** A GraphDef in the form that `loadGraphModel` accepts: constants are separate from the graph, as weights. */
export interface TfjsGraph {
  readonly topology: object;
  readonly weightSpecs: readonly io.WeightsManifestEntry[];
  readonly weightData: readonly ArrayBuffer[];
  /** Names of the nodes to feed and fetch. */
  readonly input: string;
  readonly outputs: readonly string[];
  readonly inputType: 'float32' | 'int32';
  /** Dimensions, -1 if unknown; empty if the rank is unknown. */
  readonly inputShape: readonly number[];
  /** Names of all operations that a run may need. */
  readonly operations: ReadonlySet<string>;
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
 * Converts a frozen graph.
 * @param inputTensor the tensor to feed, `features:0`
 * @param outputTensors the tensors to fetch, `probabilities:0`
 * @throws GraphProblem if the graph cannot be converted
 */
export function toTfjsGraph(
  graph: GraphDef__Output,
  inputTensor: string,
  outputTensors: readonly string[],
): TfjsGraph {
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
  const nodes = toTfjsOperations(cutGraph(names, input.name, outputs));

  const functions = usedFunctions(nodes, library);
  const weights = new Weights();
  const topology = {
    node: nodes.map((each) => weights.extract(each)),
    library: { function: functions.map((definition) => weights.extractFrom(definition)) },
    versions: graph.versions ?? { producer: 0, minConsumer: 0 },
  };
  return {
    topology,
    weightSpecs: weights.specs,
    weightData: weights.data,
    input: input.name,
    outputs,
    inputType: input.type,
    inputShape: input.shape,
    operations: new Set(
      [...nodes, ...functions.flatMap((definition) => definition.nodeDef)].map((each) => each.op),
    ),
  };
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
  const hint = some.length === 0 ? '' : `; set ${side}_tensor to one of: ${some.join(', ')}`;
  throw new GraphProblem(`has no tensor '${tensor}'${hint}`);
}

/** Returns the node to feed: the input's placeholder, or a new one that replaces a computed tensor. */
function feedableInput(
  nodes: Map<string, NodeDef__Output>,
  wanted: Reference,
): { name: string; type: 'float32' | 'int32'; shape: readonly number[] } {
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

/**
 * Returns the functions that nodes (If, While) reference, with their calls inlined and with unique node names:
 * TensorFlow.js looks up constants by name alone, regardless of the function that contains them.
 */
function usedFunctions(
  nodes: readonly NodeDef__Output[],
  library: FunctionLibrary,
): readonly FunctionDef__Output[] {
  const used = new Map<string, FunctionDef__Output>();
  const pending = nodes.flatMap(namedFunctions);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (used.has(name)) {
      continue;
    }
    const definition = library.get(name);
    if (definition?.signature == null) {
      throw new GraphProblem(
        `references the function '${name}', which is not in its library; freeze the graph again`,
      );
    }
    const body = ownNames(name, definition, library);
    used.set(name, body);
    pending.push(...body.nodeDef.flatMap(namedFunctions));
  }
  return [...used.values()];
}

function namedFunctions(each: NodeDef__Output): readonly string[] {
  return Object.values(each.attr).flatMap(({ func, list }) =>
    [func, ...(list?.func ?? [])].flatMap((named) => (named == null ? [] : [named.name])),
  );
}

function ownNames(
  prefix: string,
  definition: FunctionDef__Output,
  library: FunctionLibrary,
): FunctionDef__Output {
  const { signature } = definition;
  const { nodes, resolve } = inlineCalls(definition.nodeDef, library);
  const own = (text: string): string => {
    const reference = parseReference(text);
    return formatReference({ ...reference, node: `${prefix}/${reference.node}` });
  };
  const args = new Set(signature?.inputArg.map((arg) => arg.name));
  const returned = Object.fromEntries(
    Object.entries(definition.ret).map(([key, text]) => [key, resolve(text)]),
  );
  const byName = new Map(nodes.map((each) => [each.name, each]));
  const needed = collectNeeded(byName, Object.values(returned), (name) => args.has(name));
  return {
    ...definition,
    signature: signature && {
      ...signature,
      inputArg: signature.inputArg.map((arg) => ({ ...arg, name: own(arg.name) })),
    },
    nodeDef: toTfjsOperations([...needed.values()]).map((each) => ({
      ...each,
      name: own(each.name),
      input: each.input.map(own),
    })),
    ret: Object.fromEntries(Object.entries(returned).map(([key, text]) => [key, own(text)])),
  };
}

// Applies to constants stored as lists. There, one value can represent millions, so the file's size is no limit.
const MAX_LISTED_BYTES = 2 ** 28;

/** Extracts constants from nodes. */
class Weights {
  readonly specs: io.WeightsManifestEntry[] = [];
  readonly data: ArrayBuffer[] = [];
  private listedBytes = 0;

  extract(each: NodeDef__Output): object {
    if (each.op !== 'Const') {
      return { ...each, attr: jsonAttributes(each.attr) };
    }
    const { tensor } = findAttribute(each, 'value') ?? {};
    if (tensor == null) {
      throw new GraphProblem(`has a constant '${each.name}' without a value; freeze the graph again`);
    }
    const { dtype, shape, bytes } = convertConstant(each.name, tensor);
    if (tensor.tensorContent.length === 0) {
      this.listedBytes += bytes.byteLength;
    }
    if (this.listedBytes > MAX_LISTED_BYTES) {
      throw new GraphProblem(
        `has constants of more than ${MAX_LISTED_BYTES / 2 ** 20} MB, most of which the file does not contain; ` +
          'replace them with fill operations (Fill, BroadcastTo)',
      );
    }
    this.specs.push({ name: each.name, dtype, shape: [...shape] });
    this.data.push(bytes);
    return { ...each, attr: jsonAttributes({ ...each.attr, value: {} }) };
  }

  extractFrom(definition: FunctionDef__Output): object {
    return { ...definition, nodeDef: definition.nodeDef.map((each) => this.extract(each)) };
  }
}

/** TensorFlow.js reads text attributes as lists of character codes or as base64, not as Buffers. */
function jsonAttributes(attr: NodeDef__Output['attr']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attr).map(([key, value]: [string, AttrValue__Output]) => [
      key,
      {
        ...value,
        ...(value.s && { s: [...value.s] }),
        ...(value.list && { list: { ...value.list, s: value.list.s.map((text) => [...text]) } }),
      },
    ]),
  );
}
