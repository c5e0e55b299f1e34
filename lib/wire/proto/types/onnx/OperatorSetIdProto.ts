// Original file: proto/onnx/onnx.proto

import type { Long } from '@grpc/proto-loader';

export interface OperatorSetIdProto {
  'domain'?: (string);
  'version'?: (number | string | Long);
}

export interface OperatorSetIdProto__Output {
  'domain': (string);
  'version': (number);
}
