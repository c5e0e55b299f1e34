import type { AttrValue__Output } from '../../../wire/proto/types/tensorflow/AttrValue';
import type { NodeDef__Output } from '../../../wire/proto/types/tensorflow/NodeDef';

/** An attribute that a node may lack. */
export function findAttribute(node: NodeDef__Output, name: string): AttrValue__Output | undefined {
  return Object.hasOwn(node.attr, name) ? node.attr[name] : undefined;
}
