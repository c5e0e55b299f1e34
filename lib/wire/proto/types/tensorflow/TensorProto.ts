// Original file: proto/tensorflow/core/framework/tensor.proto

import type { DataType as _tensorflow_DataType, DataType__Output as _tensorflow_DataType__Output } from '../tensorflow/DataType';
import type { TensorShapeProto as _tensorflow_TensorShapeProto, TensorShapeProto__Output as _tensorflow_TensorShapeProto__Output } from '../tensorflow/TensorShapeProto';

export interface TensorProto {
  'dtype'?: (_tensorflow_DataType);
  'tensorShape'?: (_tensorflow_TensorShapeProto | null);
  'versionNumber'?: (number);
  'tensorContent'?: (Uint8Array);
  'floatVal'?: ArrayLike<number>;
  'doubleVal'?: ArrayLike<number>;
  'intVal'?: (number)[];
  'stringVal'?: (Uint8Array)[];
  'int64Val'?: ArrayLike<number>;
  'boolVal'?: (boolean)[];
  'halfVal'?: (number)[];
}

export interface TensorProto__Output {
  'dtype': (_tensorflow_DataType__Output);
  'tensorShape': (_tensorflow_TensorShapeProto__Output | null);
  'versionNumber': (number);
  'tensorContent': (Buffer);
  'floatVal': (number)[];
  'doubleVal': (number)[];
  'intVal': (number)[];
  'stringVal': (Buffer)[];
  'int64Val': (number)[];
  'boolVal': (boolean)[];
  'halfVal': (number)[];
}
