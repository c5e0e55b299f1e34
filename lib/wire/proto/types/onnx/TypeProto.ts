// Original file: proto/onnx/onnx.proto

import type { TensorShapeProto as _onnx_TensorShapeProto, TensorShapeProto__Output as _onnx_TensorShapeProto__Output } from '../onnx/TensorShapeProto';

export interface _onnx_TypeProto_Tensor {
  'elemType'?: (number);
  'shape'?: (_onnx_TensorShapeProto | null);
}

export interface _onnx_TypeProto_Tensor__Output {
  'elemType': (number);
  'shape': (_onnx_TensorShapeProto__Output | null);
}

export interface TypeProto {
  'tensorType'?: (_onnx_TypeProto_Tensor | null);
  'value'?: "tensorType";
}

export interface TypeProto__Output {
  'tensorType'?: (_onnx_TypeProto_Tensor__Output | null);
  'value'?: "tensorType";
}
