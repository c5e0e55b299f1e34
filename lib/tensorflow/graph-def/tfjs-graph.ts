import type { io } from '@tensorflow/tfjs-core';

import type { AttrValue__Output } from '../../wire/proto/types/tensorflow/AttrValue';
import type { FunctionDef__Output } from '../../wire/proto/types/tensorflow/FunctionDef';
import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';
import { formatReference, GraphProblem, parseReference } from './graph-node';
import { ConstantReader } from './constant';
import { collectNeeded } from './cut-graph';
import { inlineCalls, type FunctionLibrary } from './inline-calls';
import type { GraphInput, PreparedGraph } from './prepare-graph';
import { toTfjsOperations } from './tfjs-operations';

/** A GraphDef in the form that `loadGraphModel` accepts: constants are separate from the graph, as weights. */
export interface TfjsGraph {
  readonly topology: object;
  readonly weightSpecs: readonly io.WeightsManifestEntry[];
  readonly weightData: readonly ArrayBuffer[];
  readonly input: GraphInput;
  /** Names of the nodes to fetch. */
  readonly outputs: readonly string[];
  /** Names of all operations that a run may need. */
  readonly operations: ReadonlySet<string>;
}

/**
 * Converts a graph to the form that TensorFlow.js accepts.
 * @throws GraphProblem if the graph cannot be converted
 */
export function toTfjsGraph({ nodes: all, library, versions, input, outputs }: PreparedGraph): TfjsGraph {
  const nodes = toTfjsOperations(all);
  const functions = usedFunctions(nodes, library);
  const weights = new Weights();
  const topology = {
    node: nodes.map((each) => weights.extract(each)),
    library: { function: functions.map((definition) => weights.extractFrom(definition)) },
    versions: versions ?? { producer: 0, minConsumer: 0 },
  };
  return {
    topology,
    weightSpecs: weights.specs,
    weightData: weights.data,
    input,
    outputs,
    operations: new Set(
      [...nodes, ...functions.flatMap((definition) => definition.nodeDef)].map((each) => each.op),
    ),
  };
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

/** Extracts constants from nodes. */
class Weights {
  readonly specs: io.WeightsManifestEntry[] = [];
  readonly data: ArrayBuffer[] = [];
  private readonly constants = new ConstantReader();

  extract(each: NodeDef__Output): object {
    if (each.op !== 'Const') {
      return { ...each, attr: jsonAttributes(each.attr) };
    }
    const { dtype, shape, bytes } = this.constants.read(each);
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
