// Original file: proto/onnx/onnx.proto

import type { TypeProto as _onnx_TypeProto, TypeProto__Output as _onnx_TypeProto__Output } from '../onnx/TypeProto';

export interface ValueInfoProto {
  'name'?: (string);
  'type'?: (_onnx_TypeProto | null);
}

export interface ValueInfoProto__Output {
  'name': (string);
  'type': (_onnx_TypeProto__Output | null);
}
