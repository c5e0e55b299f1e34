// Original file: proto/onnx/onnx.proto

import type { GraphProto as _onnx_GraphProto, GraphProto__Output as _onnx_GraphProto__Output } from '../onnx/GraphProto';
import type { Long } from '@grpc/proto-loader';

export interface ModelProto {
  'irVersion'?: (number | string | Long);
  'graph'?: (_onnx_GraphProto | null);
}

export interface ModelProto__Output {
  'irVersion': (number);
  'graph': (_onnx_GraphProto__Output | null);
}
