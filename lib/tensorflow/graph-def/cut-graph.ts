import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';
import { GraphProblem, parseReference } from './graph-node';

/**
 * Returns the nodes that outputs need, up to the node that is fed. Other parts of the graph (training, summaries)
 * are omitted, because they may use operations that cannot run here.
 * @param input name of the node that is fed; it must be a placeholder
 * @throws GraphProblem if a node is missing, a second input is needed, or the output does not depend on the input
 */
export function cutGraph(
  nodes: ReadonlyMap<string, NodeDef__Output>,
  input: string,
  outputs: readonly string[],
): readonly NodeDef__Output[] {
  const needed = collectNeeded(nodes, outputs, (node) => node === input);
  if (!needed.has(input)) {
    throw new GraphProblem(
      `computes its output without its input '${input}'; name an input and an output that are connected`,
    );
  }
  for (const node of needed.values()) {
    if (node.op === 'Placeholder' && node.name !== input) {
      throw new GraphProblem(
        `needs a second input, '${node.name}', but a stage feeds only one; freeze it as a constant`,
      );
    }
  }
  return [...needed.values()];
}

/**
 * Follows inputs backward.
 * @param isFed whether a node is fed by the caller, so that its own inputs are not needed
 */
export function collectNeeded(
  nodes: ReadonlyMap<string, NodeDef__Output>,
  from: readonly string[],
  isFed: (node: string) => boolean,
): ReadonlyMap<string, NodeDef__Output> {
  const needed = new Map<string, NodeDef__Output>();
  const pending = from.map((reference) => ({ name: parseReference(reference).node, by: 'its output' }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { name, by } = next;
    if (needed.has(name)) {
      continue;
    }
    const node = nodes.get(name);
    if (node === undefined) {
      if (isFed(name)) {
        continue;
      }
      throw new GraphProblem(
        `has no node '${name}', which ${by} needs: the file may be truncated; freeze the graph again`,
      );
    }
    needed.set(name, node);
    if (isFed(name)) {
      continue;
    }
    for (const input of node.input) {
      pending.push({ name: parseReference(input).node, by: `'${name}'` });
    }
  }
  return needed;
}
