// Original file: proto/tensorflow/core/framework/tensor_slice.proto


export interface _tensorflow_TensorSliceProto_Extent {
  'start'?: (number);
  'length'?: (number);
}

export interface _tensorflow_TensorSliceProto_Extent__Output {
  'start': (number);
  'length': (number);
}

export interface TensorSliceProto {
  'extent'?: (_tensorflow_TensorSliceProto_Extent)[];
}

export interface TensorSliceProto__Output {
  'extent': (_tensorflow_TensorSliceProto_Extent__Output)[];
}
