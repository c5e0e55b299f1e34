// Original file: proto/tensorflow/core/protobuf/meta_graph.proto

import type { TensorInfo as _tensorflow_TensorInfo, TensorInfo__Output as _tensorflow_TensorInfo__Output } from '../tensorflow/TensorInfo';

export interface SignatureDef {
  'inputs'?: ({[key: string]: _tensorflow_TensorInfo});
  'outputs'?: ({[key: string]: _tensorflow_TensorInfo});
  'methodName'?: (string);
}

export interface SignatureDef__Output {
  'inputs': ({[key: string]: _tensorflow_TensorInfo__Output});
  'outputs': ({[key: string]: _tensorflow_TensorInfo__Output});
  'methodName': (string);
}
