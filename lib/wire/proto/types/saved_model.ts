import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AttrValue as _tensorflow_AttrValue, AttrValue__Output as _tensorflow_AttrValue__Output } from './tensorflow/AttrValue';
import type { FunctionDef as _tensorflow_FunctionDef, FunctionDef__Output as _tensorflow_FunctionDef__Output } from './tensorflow/FunctionDef';
import type { FunctionDefLibrary as _tensorflow_FunctionDefLibrary, FunctionDefLibrary__Output as _tensorflow_FunctionDefLibrary__Output } from './tensorflow/FunctionDefLibrary';
import type { GraphDef as _tensorflow_GraphDef, GraphDef__Output as _tensorflow_GraphDef__Output } from './tensorflow/GraphDef';
import type { MetaGraphDef as _tensorflow_MetaGraphDef, MetaGraphDef__Output as _tensorflow_MetaGraphDef__Output } from './tensorflow/MetaGraphDef';
import type { NameAttrList as _tensorflow_NameAttrList, NameAttrList__Output as _tensorflow_NameAttrList__Output } from './tensorflow/NameAttrList';
import type { NodeDef as _tensorflow_NodeDef, NodeDef__Output as _tensorflow_NodeDef__Output } from './tensorflow/NodeDef';
import type { OpDef as _tensorflow_OpDef, OpDef__Output as _tensorflow_OpDef__Output } from './tensorflow/OpDef';
import type { SavedModel as _tensorflow_SavedModel, SavedModel__Output as _tensorflow_SavedModel__Output } from './tensorflow/SavedModel';
import type { SaverDef as _tensorflow_SaverDef, SaverDef__Output as _tensorflow_SaverDef__Output } from './tensorflow/SaverDef';
import type { SignatureDef as _tensorflow_SignatureDef, SignatureDef__Output as _tensorflow_SignatureDef__Output } from './tensorflow/SignatureDef';
import type { TensorInfo as _tensorflow_TensorInfo, TensorInfo__Output as _tensorflow_TensorInfo__Output } from './tensorflow/TensorInfo';
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
    MetaGraphDef: MessageTypeDefinition<_tensorflow_MetaGraphDef, _tensorflow_MetaGraphDef__Output>
    NameAttrList: MessageTypeDefinition<_tensorflow_NameAttrList, _tensorflow_NameAttrList__Output>
    NodeDef: MessageTypeDefinition<_tensorflow_NodeDef, _tensorflow_NodeDef__Output>
    OpDef: MessageTypeDefinition<_tensorflow_OpDef, _tensorflow_OpDef__Output>
    SavedModel: MessageTypeDefinition<_tensorflow_SavedModel, _tensorflow_SavedModel__Output>
    SaverDef: MessageTypeDefinition<_tensorflow_SaverDef, _tensorflow_SaverDef__Output>
    SignatureDef: MessageTypeDefinition<_tensorflow_SignatureDef, _tensorflow_SignatureDef__Output>
    TensorInfo: MessageTypeDefinition<_tensorflow_TensorInfo, _tensorflow_TensorInfo__Output>
    TensorProto: MessageTypeDefinition<_tensorflow_TensorProto, _tensorflow_TensorProto__Output>
    TensorShapeProto: MessageTypeDefinition<_tensorflow_TensorShapeProto, _tensorflow_TensorShapeProto__Output>
    VersionDef: MessageTypeDefinition<_tensorflow_VersionDef, _tensorflow_VersionDef__Output>
  }
}

