// Original file: proto/onnx/onnx.proto

import type { NodeProto as _onnx_NodeProto, NodeProto__Output as _onnx_NodeProto__Output } from '../onnx/NodeProto';
import type { TensorProto as _onnx_TensorProto, TensorProto__Output as _onnx_TensorProto__Output } from '../onnx/TensorProto';
import type { ValueInfoProto as _onnx_ValueInfoProto, ValueInfoProto__Output as _onnx_ValueInfoProto__Output } from '../onnx/ValueInfoProto';

export interface GraphProto {
  'node'?: (_onnx_NodeProto)[];
  'name'?: (string);
  'initializer'?: (_onnx_TensorProto)[];
  'input'?: (_onnx_ValueInfoProto)[];
  'output'?: (_onnx_ValueInfoProto)[];
}

export interface GraphProto__Output {
  'node': (_onnx_NodeProto__Output)[];
  'name': (string);
  'initializer': (_onnx_TensorProto__Output)[];
  'input': (_onnx_ValueInfoProto__Output)[];
  'output': (_onnx_ValueInfoProto__Output)[];
}
