import type { AttrValue__Output } from '../../wire/proto/types/tensorflow/AttrValue';
import type { NodeDef__Output } from '../../wire/proto/types/tensorflow/NodeDef';

/**
 * A problem with a GraphDef. The message continues a sentence that begins with the file's name: the caller, which knows
 * the stage, converts it to the error that the user sees.
 */
export class GraphProblem extends Error {}

/** Reference to one output of a node, as used in another node's inputs. */
export interface Reference {
  readonly node: string;
  /** `product` of `MatMul:product:0`, the form used inside functions. */
  readonly output?: string | undefined;
  readonly index: number;
}

/** Parses `node`, `node:1` or `node:output:1`. */
export function parseReference(text: string): Reference {
  const [node = '', ...rest] = text.split(':');
  return { node, index: Number(rest.at(-1) ?? 0), output: rest.length > 1 ? rest[0] : undefined };
}

export function formatReference({ node, output, index }: Reference): string {
  if (output !== undefined) {
    return `${node}:${output}:${index}`;
  }
  return index === 0 ? node : `${node}:${index}`;
}

/**
 * Returns a node's inputs without control inputs (`^node`). Control inputs only order side effects, which do not matter
 * in a frozen graph. Without them, assertions and summaries drop out of the graph.
 */
export function dataInputs(inputs: readonly string[]): readonly string[] {
  return inputs.filter((input) => !input.startsWith('^'));
}

/** Returns an attribute of a node, or undefined if the node does not have it. */
export function findAttribute(node: NodeDef__Output, name: string): AttrValue__Output | undefined {
  return Object.hasOwn(node.attr, name) ? node.attr[name] : undefined;
}
