// Original file: proto/tensorflow/core/framework/function.proto

import type { OpDef as _tensorflow_OpDef, OpDef__Output as _tensorflow_OpDef__Output } from '../tensorflow/OpDef';
import type { NodeDef as _tensorflow_NodeDef, NodeDef__Output as _tensorflow_NodeDef__Output } from '../tensorflow/NodeDef';
import type { AttrValue as _tensorflow_AttrValue, AttrValue__Output as _tensorflow_AttrValue__Output } from '../tensorflow/AttrValue';

export interface FunctionDef {
  'signature'?: (_tensorflow_OpDef | null);
  'nodeDef'?: (_tensorflow_NodeDef)[];
  'ret'?: ({[key: string]: string});
  'attr'?: ({[key: string]: _tensorflow_AttrValue});
  'controlRet'?: ({[key: string]: string});
}

export interface FunctionDef__Output {
  'signature': (_tensorflow_OpDef__Output | null);
  'nodeDef': (_tensorflow_NodeDef__Output)[];
  'ret': ({[key: string]: string});
  'attr': ({[key: string]: _tensorflow_AttrValue__Output});
  'controlRet': ({[key: string]: string});
}
