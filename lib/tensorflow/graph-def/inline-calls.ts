import type { AttrValue__Output } from '../../wire/proto/types/tensorflow/AttrValue';
import type { FunctionDef__Output } from '../../wire/proto/types/tensorflow/FunctionDef';
import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';
import { dataInputs, findAttribute, formatReference, GraphProblem, parseReference } from './graph-node';

/** Function library, keyed by function name. */
export type FunctionLibrary = ReadonlyMap<string, FunctionDef__Output>;

/** A graph or function body whose function calls have been inlined. */
export interface InlinedNodes {
  readonly nodes: readonly NodeDef__Output[];
  /** Resolves a reference to a call's output to the node of the inlined body that computes it. */
  readonly resolve: (reference: string) => string;
}

const CALL_OPERATIONS = new Set(['PartitionedCall', 'StatefulPartitionedCall']);
// Nested calls can make a small file expand without bound.
const MAX_NODES = 200_000;
const MAX_DEPTH = 64;

/**
 * Replaces every function call with the function's body, because TensorFlow.js has no operation for calls.
 * @throws GraphProblem if a function is missing, is called with the wrong inputs, or is recursive
 */
export function inlineCalls(nodes: readonly NodeDef__Output[], library: FunctionLibrary): InlinedNodes {
  const inlined: NodeDef__Output[] = [];
  const taken = new Set(nodes.map((node) => node.name));
  const callOutputs = new Map<string, readonly string[]>();

  const add = (node: NodeDef__Output, depth: number): void => {
    if (!CALL_OPERATIONS.has(node.op)) {
      if (inlined.length >= MAX_NODES) {
        throw new GraphProblem(
          `exceeds ${MAX_NODES} nodes when its function calls are inlined; simplify the graph`,
        );
      }
      inlined.push(node);
      return;
    }
    if (depth >= MAX_DEPTH) {
      throw new GraphProblem(
        `nests function calls more than ${MAX_DEPTH} deep at node '${node.name}'; remove recursive calls`,
      );
    }
    const body = instantiate(node, library, taken);
    callOutputs.set(node.name, body.outputs);
    for (const inner of body.nodes) {
      add(inner, depth + 1);
    }
  };
  for (const node of nodes) {
    add({ ...node, input: [...dataInputs(node.input)] }, 0);
  }

  const resolve = (text: string): string => {
    let reference = parseReference(text);
    let steps = 0;
    for (let outputs = callOutputs.get(reference.node); outputs; outputs = callOutputs.get(reference.node)) {
      const output = outputs.at(reference.index);
      if (output === undefined) {
        throw new GraphProblem(
          `uses output ${reference.index} of '${reference.node}', whose function has no such output`,
        );
      }
      steps += 1;
      if (steps > callOutputs.size) {
        throw new GraphProblem(
          `feeds the function call '${reference.node}' with its own output; freeze the graph again`,
        );
      }
      reference = parseReference(output);
    }
    return formatReference(reference);
  };
  return { nodes: inlined.map((node) => ({ ...node, input: node.input.map(resolve) })), resolve };
}

function instantiate(
  call: NodeDef__Output,
  library: FunctionLibrary,
  taken: Set<string>,
): { nodes: NodeDef__Output[]; outputs: readonly string[] } {
  const called = findAttribute(call, 'f')?.func;
  const name = called?.name ?? '';
  const definition = library.get(name);
  if (definition?.signature == null) {
    throw new GraphProblem(
      `calls the function '${name}', which is not in its library; freeze the graph again`,
    );
  }
  const { inputArg, outputArg } = definition.signature;
  if (inputArg.length !== call.input.length) {
    throw new GraphProblem(
      `passes ${call.input.length} inputs to the function '${name}' at '${call.name}', expected ${inputArg.length}`,
    );
  }
  const given = new Map(inputArg.map((arg, index) => [arg.name, call.input[index] ?? '']));
  const renamed = new Map(
    definition.nodeDef.map((node) => [node.name, freshName(`${call.name}/${node.name}`, taken)]),
  );
  const translate = (text: string): string => {
    const reference = parseReference(text);
    const argument = given.get(reference.node);
    if (argument !== undefined) {
      return argument;
    }
    return formatReference({ ...reference, node: renamed.get(reference.node) ?? reference.node });
  };
  const attributes = { ...definition.attr, ...called?.attr };
  return {
    nodes: definition.nodeDef.map((node) => ({
      ...node,
      name: renamed.get(node.name) ?? node.name,
      input: dataInputs(node.input).map(translate),
      attr: fillPlaceholders(node.attr, attributes),
    })),
    outputs: outputArg.map((arg) => translate(own(definition.ret, arg.name) ?? '')),
  };
}

function freshName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let suffix = 1; taken.has(name); suffix += 1) {
    name = `${wanted}_${suffix}`;
  }
  taken.add(name);
  return name;
}

/** A function's nodes may have type parameters (`T`), which the call sets. */
function fillPlaceholders(
  attr: Readonly<Record<string, AttrValue__Output>>,
  given: Readonly<Record<string, AttrValue__Output>>,
): Record<string, AttrValue__Output> {
  return Object.fromEntries(
    Object.entries(attr).map(([key, value]) => {
      const filled = value.placeholder === undefined ? undefined : own(given, value.placeholder);
      return [key, filled ?? value];
    }),
  );
}

/** A file may use names that every object has, such as `constructor`. */
function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
