// Original file: proto/onnx/onnx.proto

import type { GraphProto as _onnx_GraphProto, GraphProto__Output as _onnx_GraphProto__Output } from '../onnx/GraphProto';
import type { OperatorSetIdProto as _onnx_OperatorSetIdProto, OperatorSetIdProto__Output as _onnx_OperatorSetIdProto__Output } from '../onnx/OperatorSetIdProto';

export interface ModelProto {
  'irVersion'?: (number);
  'producerName'?: (string);
  'graph'?: (_onnx_GraphProto | null);
  'opsetImport'?: (_onnx_OperatorSetIdProto)[];
}

export interface ModelProto__Output {
  'irVersion': (number);
  'producerName': (string);
  'graph': (_onnx_GraphProto__Output | null);
  'opsetImport': (_onnx_OperatorSetIdProto__Output)[];
}
