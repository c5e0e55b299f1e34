import type { NodeDef__Output } from '../wire/proto/types/tensorflow/NodeDef';
import { findAttribute, parseReference } from './graph-def/graph-node';

/**
 * Returns the names under which a graph's variables are saved, by node. They are read from the graph's restore nodes:
 * `Assign(variable, RestoreV2(…, names, …):i)`. The names of nodes and saved tensors differ in TensorFlow 2, and if a Saver
 * was created with names.
 * @param nodes nodes with inlined function calls
 */
export function savedNames(nodes: ReadonlyMap<string, NodeDef__Output>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { op, input } of nodes.values()) {
    if (op !== 'Assign' && op !== 'AssignVariableOp') {
      continue;
    }
    const [variable = '', value = ''] = input;
    const restored = followIdentities(nodes, value);
    const restore = nodes.get(restored.node);
    if (restore?.op !== 'RestoreV2') {
      continue;
    }
    const saved = textConstant(nodes.get(parseReference(restore.input[1] ?? '').node)).at(restored.index);
    const { node } = followIdentities(nodes, variable);
    // A graph that was saved several times has restore nodes of each time, which are consistent.
    if (saved !== undefined && !names.has(node)) {
      names.set(node, saved);
    }
  }
  return names;
}

function followIdentities(
  nodes: ReadonlyMap<string, NodeDef__Output>,
  text: string,
): { node: string; index: number } {
  let reference = parseReference(text);
  const seen = new Set<string>();
  for (;;) {
    const node = nodes.get(reference.node);
    if (node?.op !== 'Identity' || seen.has(node.name)) {
      return reference;
    }
    seen.add(node.name);
    reference = parseReference(node.input[0] ?? '');
  }
}

function textConstant(node: NodeDef__Output | undefined): readonly string[] {
  const tensor = node?.op === 'Const' ? findAttribute(node, 'value')?.tensor : undefined;
  return (tensor?.stringVal ?? []).map((text) => text.toString('utf8'));
}
