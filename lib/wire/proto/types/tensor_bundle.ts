import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { BundleEntryProto as _tensorflow_BundleEntryProto, BundleEntryProto__Output as _tensorflow_BundleEntryProto__Output } from './tensorflow/BundleEntryProto';
import type { BundleHeaderProto as _tensorflow_BundleHeaderProto, BundleHeaderProto__Output as _tensorflow_BundleHeaderProto__Output } from './tensorflow/BundleHeaderProto';
import type { TensorShapeProto as _tensorflow_TensorShapeProto, TensorShapeProto__Output as _tensorflow_TensorShapeProto__Output } from './tensorflow/TensorShapeProto';
import type { TensorSliceProto as _tensorflow_TensorSliceProto, TensorSliceProto__Output as _tensorflow_TensorSliceProto__Output } from './tensorflow/TensorSliceProto';
import type { VersionDef as _tensorflow_VersionDef, VersionDef__Output as _tensorflow_VersionDef__Output } from './tensorflow/VersionDef';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tensorflow: {
    BundleEntryProto: MessageTypeDefinition<_tensorflow_BundleEntryProto, _tensorflow_BundleEntryProto__Output>
    BundleHeaderProto: MessageTypeDefinition<_tensorflow_BundleHeaderProto, _tensorflow_BundleHeaderProto__Output>
    DataType: EnumTypeDefinition
    TensorShapeProto: MessageTypeDefinition<_tensorflow_TensorShapeProto, _tensorflow_TensorShapeProto__Output>
    TensorSliceProto: MessageTypeDefinition<_tensorflow_TensorSliceProto, _tensorflow_TensorSliceProto__Output>
    VersionDef: MessageTypeDefinition<_tensorflow_VersionDef, _tensorflow_VersionDef__Output>
  }
}

