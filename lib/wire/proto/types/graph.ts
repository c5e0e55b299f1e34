import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AttrValue as _tensorflow_AttrValue, AttrValue__Output as _tensorflow_AttrValue__Output } from './tensorflow/AttrValue';
import type { FunctionDef as _tensorflow_FunctionDef, FunctionDef__Output as _tensorflow_FunctionDef__Output } from './tensorflow/FunctionDef';
import type { FunctionDefLibrary as _tensorflow_FunctionDefLibrary, FunctionDefLibrary__Output as _tensorflow_FunctionDefLibrary__Output } from './tensorflow/FunctionDefLibrary';
import type { GraphDef as _tensorflow_GraphDef, GraphDef__Output as _tensorflow_GraphDef__Output } from './tensorflow/GraphDef';
import type { NameAttrList as _tensorflow_NameAttrList, NameAttrList__Output as _tensorflow_NameAttrList__Output } from './tensorflow/NameAttrList';
import type { NodeDef as _tensorflow_NodeDef, NodeDef__Output as _tensorflow_NodeDef__Output } from './tensorflow/NodeDef';
import type { OpDef as _tensorflow_OpDef, OpDef__Output as _tensorflow_OpDef__Output } from './tensorflow/OpDef';
import type { TensorProto as _tensorflow_TensorProto, TensorProto__Output as _tensorflow_TensorProto__Output } from './tensorflow/TensorProto';
import type { TensorShapeProto as _tensorflow_TensorShapeProto, TensorShapeProto__Output as _tensorflow_TensorShapeProto__Output } from './tensorflow/TensorShapeProto';
import type { VersionDef as _tensorflow_VersionDef, VersionDef__Output as _tensorflow_VersionDef__Output } from './tensorflow/VersionDef';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tensorflow: {
    AttrValue: MessageTypeDefinition<_tensorflow_AttrValue, _tensorflow_AttrValue__Output>
    DataType: EnumTypeDefinition
    FunctionDef: MessageTypeDefinition<_tensorflow_FunctionDef, _tensorflow_FunctionDef__Output>
    FunctionDefLibrary: MessageTypeDefinition<_tensorflow_FunctionDefLibrary, _tensorflow_FunctionDefLibrary__Output>
    GraphDef: MessageTypeDefinition<_tensorflow_GraphDef, _tensorflow_GraphDef__Output>
    NameAttrList: MessageTypeDefinition<_tensorflow_NameAttrList, _tensorflow_NameAttrList__Output>
    NodeDef: MessageTypeDefinition<_tensorflow_NodeDef, _tensorflow_NodeDef__Output>
    OpDef: MessageTypeDefinition<_tensorflow_OpDef, _tensorflow_OpDef__Output>
    TensorProto: MessageTypeDefinition<_tensorflow_TensorProto, _tensorflow_TensorProto__Output>
    TensorShapeProto: MessageTypeDefinition<_tensorflow_TensorShapeProto, _tensorflow_TensorShapeProto__Output>
    VersionDef: MessageTypeDefinition<_tensorflow_VersionDef, _tensorflow_VersionDef__Output>
  }
}

