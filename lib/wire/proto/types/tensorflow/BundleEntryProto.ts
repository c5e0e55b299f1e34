// Original file: proto/tensorflow/core/protobuf/tensor_bundle.proto

import type { DataType as _tensorflow_DataType, DataType__Output as _tensorflow_DataType__Output } from '../tensorflow/DataType';
import type { TensorShapeProto as _tensorflow_TensorShapeProto, TensorShapeProto__Output as _tensorflow_TensorShapeProto__Output } from '../tensorflow/TensorShapeProto';
import type { TensorSliceProto as _tensorflow_TensorSliceProto, TensorSliceProto__Output as _tensorflow_TensorSliceProto__Output } from '../tensorflow/TensorSliceProto';

export interface BundleEntryProto {
  'dtype'?: (_tensorflow_DataType);
  'shape'?: (_tensorflow_TensorShapeProto | null);
  'shardId'?: (number);
  'offset'?: (number);
  'size'?: (number);
  'crc32c'?: (number);
  'slices'?: (_tensorflow_TensorSliceProto)[];
}

export interface BundleEntryProto__Output {
  'dtype': (_tensorflow_DataType__Output);
  'shape': (_tensorflow_TensorShapeProto__Output | null);
  'shardId': (number);
  'offset': (number);
  'size': (number);
  'crc32c': (number);
  'slices': (_tensorflow_TensorSliceProto__Output)[];
}
