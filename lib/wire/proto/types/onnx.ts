import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { GraphProto as _onnx_GraphProto, GraphProto__Output as _onnx_GraphProto__Output } from './onnx/GraphProto';
import type { ModelProto as _onnx_ModelProto, ModelProto__Output as _onnx_ModelProto__Output } from './onnx/ModelProto';
import type { TensorShapeProto as _onnx_TensorShapeProto, TensorShapeProto__Output as _onnx_TensorShapeProto__Output } from './onnx/TensorShapeProto';
import type { TypeProto as _onnx_TypeProto, TypeProto__Output as _onnx_TypeProto__Output } from './onnx/TypeProto';
import type { ValueInfoProto as _onnx_ValueInfoProto, ValueInfoProto__Output as _onnx_ValueInfoProto__Output } from './onnx/ValueInfoProto';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  onnx: {
    GraphProto: MessageTypeDefinition<_onnx_GraphProto, _onnx_GraphProto__Output>
    ModelProto: MessageTypeDefinition<_onnx_ModelProto, _onnx_ModelProto__Output>
    TensorShapeProto: MessageTypeDefinition<_onnx_TensorShapeProto, _onnx_TensorShapeProto__Output>
    TypeProto: MessageTypeDefinition<_onnx_TypeProto, _onnx_TypeProto__Output>
    ValueInfoProto: MessageTypeDefinition<_onnx_ValueInfoProto, _onnx_ValueInfoProto__Output>
  }
}

