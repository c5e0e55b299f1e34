// Original file: proto/onnx/onnx.proto

import type { AttributeProto as _onnx_AttributeProto, AttributeProto__Output as _onnx_AttributeProto__Output } from '../onnx/AttributeProto';

export interface NodeProto {
  'input'?: (string)[];
  'output'?: (string)[];
  'name'?: (string);
  'opType'?: (string);
  'attribute'?: (_onnx_AttributeProto)[];
}

export interface NodeProto__Output {
  'input': (string)[];
  'output': (string)[];
  'name': (string);
  'opType': (string);
  'attribute': (_onnx_AttributeProto__Output)[];
}
