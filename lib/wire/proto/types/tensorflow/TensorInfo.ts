// Original file: proto/tensorflow/core/protobuf/meta_graph.proto

import type { DataType as _tensorflow_DataType, DataType__Output as _tensorflow_DataType__Output } from '../tensorflow/DataType';
import type { TensorShapeProto as _tensorflow_TensorShapeProto, TensorShapeProto__Output as _tensorflow_TensorShapeProto__Output } from '../tensorflow/TensorShapeProto';

export interface TensorInfo {
  'name'?: (string);
  'dtype'?: (_tensorflow_DataType);
  'tensorShape'?: (_tensorflow_TensorShapeProto | null);
}

export interface TensorInfo__Output {
  'name': (string);
  'dtype': (_tensorflow_DataType__Output);
  'tensorShape': (_tensorflow_TensorShapeProto__Output | null);
}
