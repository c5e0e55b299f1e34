// Original file: proto/tensorflow/core/protobuf/saved_model.proto

import type { MetaGraphDef as _tensorflow_MetaGraphDef, MetaGraphDef__Output as _tensorflow_MetaGraphDef__Output } from '../tensorflow/MetaGraphDef';

export interface SavedModel {
  'savedModelSchemaVersion'?: (number);
  'metaGraphs'?: (_tensorflow_MetaGraphDef)[];
}

export interface SavedModel__Output {
  'savedModelSchemaVersion': (number);
  'metaGraphs': (_tensorflow_MetaGraphDef__Output)[];
}
