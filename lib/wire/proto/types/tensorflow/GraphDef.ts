// Original file: proto/tensorflow/core/framework/graph.proto

import type { NodeDef as _tensorflow_NodeDef, NodeDef__Output as _tensorflow_NodeDef__Output } from '../tensorflow/NodeDef';
import type { FunctionDefLibrary as _tensorflow_FunctionDefLibrary, FunctionDefLibrary__Output as _tensorflow_FunctionDefLibrary__Output } from '../tensorflow/FunctionDefLibrary';
import type { VersionDef as _tensorflow_VersionDef, VersionDef__Output as _tensorflow_VersionDef__Output } from '../tensorflow/VersionDef';

export interface GraphDef {
  'node'?: (_tensorflow_NodeDef)[];
  'library'?: (_tensorflow_FunctionDefLibrary | null);
  'versions'?: (_tensorflow_VersionDef | null);
}

export interface GraphDef__Output {
  'node': (_tensorflow_NodeDef__Output)[];
  'library': (_tensorflow_FunctionDefLibrary__Output | null);
  'versions': (_tensorflow_VersionDef__Output | null);
}
