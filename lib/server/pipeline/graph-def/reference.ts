/** One output of a node, as a node's input names it. */
export interface Reference {
  readonly node: string;
  /** `product` of `MatMul:product:0`, the form that is used inside functions. */
  readonly output?: string;
  readonly index: number;
}

/** Reads `node`, `node:1` or `node:output:1`. */
export function parseReference(text: string): Reference {
  const [node = '', ...rest] = text.split(':');
  const index = Number(rest.at(-1) ?? 0);
  const output = rest.length > 1 ? rest[0] : undefined;
  return { node, index, ...(output !== undefined && { output }) };
}

export function formatReference({ node, output, index }: Reference): string {
  if (output !== undefined) return `${node}:${output}:${index}`;
  return index === 0 ? node : `${node}:${index}`;
}

/**
 * Control inputs (`^node`) only order side effects, which a frozen graph has none of that matter: without
 * them, assertions and summaries drop out of the graph.
 */
export function dataInputs(inputs: readonly string[]): readonly string[] {
  return inputs.filter((input) => !input.startsWith('^'));
}
