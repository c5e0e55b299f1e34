// Original file: proto/onnx/onnx.proto

import type { Long } from '@grpc/proto-loader';

export interface TensorProto {
  'dims'?: (number | string | Long)[];
  'dataType'?: (number);
  'name'?: (string);
  'rawData'?: (Buffer | Uint8Array | string);
}

export interface TensorProto__Output {
  'dims': (number)[];
  'dataType': (number);
  'name': (string);
  'rawData': (Buffer);
}
