import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AttributeProto as _onnx_AttributeProto, AttributeProto__Output as _onnx_AttributeProto__Output } from './onnx/AttributeProto';
import type { GraphProto as _onnx_GraphProto, GraphProto__Output as _onnx_GraphProto__Output } from './onnx/GraphProto';
import type { ModelProto as _onnx_ModelProto, ModelProto__Output as _onnx_ModelProto__Output } from './onnx/ModelProto';
import type { NodeProto as _onnx_NodeProto, NodeProto__Output as _onnx_NodeProto__Output } from './onnx/NodeProto';
import type { OperatorSetIdProto as _onnx_OperatorSetIdProto, OperatorSetIdProto__Output as _onnx_OperatorSetIdProto__Output } from './onnx/OperatorSetIdProto';
import type { TensorProto as _onnx_TensorProto, TensorProto__Output as _onnx_TensorProto__Output } from './onnx/TensorProto';
import type { TensorShapeProto as _onnx_TensorShapeProto, TensorShapeProto__Output as _onnx_TensorShapeProto__Output } from './onnx/TensorShapeProto';
import type { TypeProto as _onnx_TypeProto, TypeProto__Output as _onnx_TypeProto__Output } from './onnx/TypeProto';
import type { ValueInfoProto as _onnx_ValueInfoProto, ValueInfoProto__Output as _onnx_ValueInfoProto__Output } from './onnx/ValueInfoProto';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  onnx: {
    AttributeProto: MessageTypeDefinition<_onnx_AttributeProto, _onnx_AttributeProto__Output>
    GraphProto: MessageTypeDefinition<_onnx_GraphProto, _onnx_GraphProto__Output>
    ModelProto: MessageTypeDefinition<_onnx_ModelProto, _onnx_ModelProto__Output>
    NodeProto: MessageTypeDefinition<_onnx_NodeProto, _onnx_NodeProto__Output>
    OperatorSetIdProto: MessageTypeDefinition<_onnx_OperatorSetIdProto, _onnx_OperatorSetIdProto__Output>
    TensorProto: MessageTypeDefinition<_onnx_TensorProto, _onnx_TensorProto__Output>
    TensorShapeProto: MessageTypeDefinition<_onnx_TensorShapeProto, _onnx_TensorShapeProto__Output>
    TypeProto: MessageTypeDefinition<_onnx_TypeProto, _onnx_TypeProto__Output>
    ValueInfoProto: MessageTypeDefinition<_onnx_ValueInfoProto, _onnx_ValueInfoProto__Output>
  }
}

