import type { AttrValue__Output } from '../../../wire/proto/types/tensorflow/AttrValue';
import type { NodeDef__Output } from '../../../wire/proto/types/tensorflow/NodeDef';

/**
 * What is wrong with a GraphDef, as the end of a sentence that begins with the file's name. The caller, which knows the
 * stage, turns it into the error that the user sees.
 */
export class GraphProblem extends Error {}

/** One output of a node, as another node's input names it. */
export interface Reference {
  readonly node: string;
  /** `product` of `MatMul:product:0`, the form used inside functions. */
  readonly output?: string | undefined;
  readonly index: number;
}

/** Reads `node`, `node:1` or `node:output:1`. */
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
 * A node's inputs without control inputs (`^node`). Those only order side effects, none of which matter in a frozen
 * graph: without them, assertions and summaries drop out of the graph.
 */
export function dataInputs(inputs: readonly string[]): readonly string[] {
  return inputs.filter((input) => !input.startsWith('^'));
}

/** An attribute of a node; undefined where the node does not have it. */
export function findAttribute(node: NodeDef__Output, name: string): AttrValue__Output | undefined {
  return Object.hasOwn(node.attr, name) ? node.attr[name] : undefined;
}
