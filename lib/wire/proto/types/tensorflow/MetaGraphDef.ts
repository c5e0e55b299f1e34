// Original file: proto/tensorflow/core/protobuf/meta_graph.proto

import type { GraphDef as _tensorflow_GraphDef, GraphDef__Output as _tensorflow_GraphDef__Output } from '../tensorflow/GraphDef';
import type { SaverDef as _tensorflow_SaverDef, SaverDef__Output as _tensorflow_SaverDef__Output } from '../tensorflow/SaverDef';
import type { SignatureDef as _tensorflow_SignatureDef, SignatureDef__Output as _tensorflow_SignatureDef__Output } from '../tensorflow/SignatureDef';

export interface _tensorflow_MetaGraphDef_MetaInfoDef {
  'tags'?: (string)[];
}

export interface _tensorflow_MetaGraphDef_MetaInfoDef__Output {
  'tags': (string)[];
}

export interface MetaGraphDef {
  'metaInfoDef'?: (_tensorflow_MetaGraphDef_MetaInfoDef | null);
  'graphDef'?: (_tensorflow_GraphDef | null);
  'saverDef'?: (_tensorflow_SaverDef | null);
  'signatureDef'?: ({[key: string]: _tensorflow_SignatureDef});
}

export interface MetaGraphDef__Output {
  'metaInfoDef': (_tensorflow_MetaGraphDef_MetaInfoDef__Output | null);
  'graphDef': (_tensorflow_GraphDef__Output | null);
  'saverDef': (_tensorflow_SaverDef__Output | null);
  'signatureDef': ({[key: string]: _tensorflow_SignatureDef__Output});
}
