// Original file: proto/tensorflow/core/framework/tensor_slice.proto

import type { Long } from '@grpc/proto-loader';

export interface _tensorflow_TensorSliceProto_Extent {
  'start'?: (number | string | Long);
  'length'?: (number | string | Long);
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
