import type { NodeDef__Output } from '../../../wire/proto/types/tensorflow/NodeDef';
import { GraphProblem, parseReference } from './graph-node';

/**
 * The nodes that an output needs, stopping at the node where the input is fed. What else a graph holds
 * (training, summaries) is left out, so that it does not matter whether it can run.
 * @param input name of the node that is fed; it must be a placeholder
 * @throws GraphProblem when a node is missing, another input would be needed, or the output does not
 * depend on the input
 */
export function cutGraph(
  nodes: ReadonlyMap<string, NodeDef__Output>,
  input: string,
  output: string,
): readonly NodeDef__Output[] {
  const needed = collectNeeded(nodes, [output], (node) => node === input);
  if (!needed.has(input)) {
    throw new GraphProblem(
      `computes its output without its input '${input}'; name the tensors that belong together`,
    );
  }
  for (const node of needed.values()) {
    if (node.op === 'Placeholder' && node.name !== input) {
      throw new GraphProblem(
        `needs a second input, '${node.name}', and a stage feeds one; freeze it as a constant`,
      );
    }
  }
  return [...needed.values()];
}

/**
 * Follows inputs backwards.
 * @param isFed whether a node is given from outside, so that its own inputs are not needed
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
        `has no node '${name}', which ${by} needs: it may be cut short; freeze the graph again`,
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
