import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';
import { findAttribute, formatReference, parseReference } from './graph-node';

type Nodes = ReadonlyMap<string, NodeDef__Output>;

/**
 * Bypasses branches whose condition is known, such as those of `tf.cond(is_training, …)` where `is_training` is a
 * placeholder that defaults to false. Without `Switch` and `Merge`, TensorFlow.js runs a graph in its fast,
 * synchronous way.
 * @returns the same nodes, with inputs that bypass known conditions
 */
export function foldConditions(nodes: readonly NodeDef__Output[]): readonly NodeDef__Output[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const conditions = new Map<string, boolean>();
  for (const { name, op, input } of nodes) {
    const condition = op === 'Switch' ? conditionOf(byName, input[1] ?? '') : undefined;
    if (condition !== undefined) {
      conditions.set(name, condition);
    }
  }
  if (conditions.size === 0) {
    return nodes;
  }

  const isDead = deadInputs(byName, conditions);
  const bypass = (text: string): string | undefined => {
    const { node: name, index } = parseReference(text);
    const node = byName.get(name);
    if (conditions.has(name)) {
      return node?.input[0];
    }
    if (node?.op !== 'Merge' || index !== 0) {
      return undefined;
    }
    const live = node.input.filter((input) => !input.startsWith('^') && !isDead(input));
    return live.length === 1 ? live[0] : undefined;
  };
  const resolve = (text: string): string => {
    let reference = text;
    // Nodes of an untrusted file may form a cycle.
    let steps = nodes.length;
    while (steps > 0) {
      steps -= 1;
      const next = bypass(reference);
      if (next === undefined) {
        return reference;
      }
      reference = next;
    }
    return text;
  };
  return nodes.map((node) => ({ ...node, input: node.input.map(resolve) }));
}

/** Finds inputs that never receive a value, because they come from a branch that is not taken. */
function deadInputs(nodes: Nodes, conditions: ReadonlyMap<string, boolean>): (input: string) => boolean {
  const dead = new Set<string>();
  const isDead = (input: string): boolean => {
    const isControl = input.startsWith('^');
    const { node, index } = parseReference(isControl ? input.slice(1) : input);
    const condition = conditions.get(node);
    return dead.has(node) || (condition !== undefined && !isControl && index !== Number(condition));
  };
  const users = new Map<string, NodeDef__Output[]>();
  for (const node of nodes.values()) {
    for (const input of node.input) {
      const { node: name } = parseReference(input.replace(/^\^/, ''));
      const known = users.get(name);
      if (known === undefined) {
        users.set(name, [node]);
      } else {
        known.push(node);
      }
    }
  }
  const pending = [...conditions.keys()];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const user of users.get(name) ?? []) {
      if (dead.has(user.name)) {
        continue;
      }
      if (user.op === 'Merge' ? user.input.every(isDead) : user.input.some(isDead)) {
        dead.add(user.name);
        pending.push(user.name);
      }
    }
  }
  return isDead;
}

/**
 * Returns the value of a condition that does not depend on fed tensors.
 * @returns `undefined` for any other condition
 */
function conditionOf(nodes: Nodes, text: string): boolean | undefined {
  let isNegated = false;
  const seen = new Set<string>();
  for (let reference = text; ;) {
    const { node: name, index } = parseReference(reference);
    const node = nodes.get(name);
    if (node === undefined || index !== 0 || seen.has(name)) {
      return undefined;
    }
    seen.add(name);
    if (node.op === 'Const') {
      const value = booleanConstant(node);
      return value === undefined ? undefined : value !== isNegated;
    }
    if (node.op === 'LogicalNot') {
      isNegated = !isNegated;
    } else if (node.op !== 'Identity' && node.op !== 'PlaceholderWithDefault') {
      return undefined;
    }
    reference = formatReference(parseReference(node.input[0] ?? ''));
  }
}

function booleanConstant(node: NodeDef__Output): boolean | undefined {
  const tensor = findAttribute(node, 'value')?.tensor;
  if (tensor?.dtype !== 'DT_BOOL' || (tensor.tensorShape?.dim.length ?? 0) > 0) {
    return undefined;
  }
  return tensor.tensorContent.length > 0 ? tensor.tensorContent[0] !== 0 : (tensor.boolVal[0] ?? false);
}
