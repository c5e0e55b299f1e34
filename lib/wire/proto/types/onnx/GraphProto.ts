// Original file: proto/onnx/onnx.proto

import type { ValueInfoProto as _onnx_ValueInfoProto, ValueInfoProto__Output as _onnx_ValueInfoProto__Output } from '../onnx/ValueInfoProto';

export interface GraphProto {
  'name'?: (string);
  'input'?: (_onnx_ValueInfoProto)[];
  'output'?: (_onnx_ValueInfoProto)[];
}

export interface GraphProto__Output {
  'name': (string);
  'input': (_onnx_ValueInfoProto__Output)[];
  'output': (_onnx_ValueInfoProto__Output)[];
}
