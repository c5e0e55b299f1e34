// Original file: proto/tensorflow/core/protobuf/tensor_bundle.proto

import type { VersionDef as _tensorflow_VersionDef, VersionDef__Output as _tensorflow_VersionDef__Output } from '../tensorflow/VersionDef';

// Original file: proto/tensorflow/core/protobuf/tensor_bundle.proto

export const _tensorflow_BundleHeaderProto_Endianness = {
  LITTLE: 'LITTLE',
  BIG: 'BIG',
} as const;

export type _tensorflow_BundleHeaderProto_Endianness =
  | 'LITTLE'
  | 0
  | 'BIG'
  | 1

export type _tensorflow_BundleHeaderProto_Endianness__Output = typeof _tensorflow_BundleHeaderProto_Endianness[keyof typeof _tensorflow_BundleHeaderProto_Endianness]

export interface BundleHeaderProto {
  'numShards'?: (number);
  'endianness'?: (_tensorflow_BundleHeaderProto_Endianness);
  'version'?: (_tensorflow_VersionDef | null);
}

export interface BundleHeaderProto__Output {
  'numShards': (number);
  'endianness': (_tensorflow_BundleHeaderProto_Endianness__Output);
  'version': (_tensorflow_VersionDef__Output | null);
}
