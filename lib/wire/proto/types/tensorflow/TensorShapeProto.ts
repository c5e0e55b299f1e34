// Original file: proto/tensorflow/core/framework/tensor_shape.proto


export interface _tensorflow_TensorShapeProto_Dim {
  'size'?: (number);
  'name'?: (string);
}

export interface _tensorflow_TensorShapeProto_Dim__Output {
  'size': (number);
  'name': (string);
}

export interface TensorShapeProto {
  'dim'?: (_tensorflow_TensorShapeProto_Dim)[];
  'unknownRank'?: (boolean);
}

export interface TensorShapeProto__Output {
  'dim': (_tensorflow_TensorShapeProto_Dim__Output)[];
  'unknownRank': (boolean);
}
