// Original file: proto/tensorflow/core/example/feature.proto

import type { BytesList as _tensorflow_BytesList, BytesList__Output as _tensorflow_BytesList__Output } from '../tensorflow/BytesList';

export interface Feature {
  'bytesList'?: (_tensorflow_BytesList | null);
  'kind'?: "bytesList";
}

export interface Feature__Output {
  'bytesList'?: (_tensorflow_BytesList__Output | null);
  'kind'?: "bytesList";
}
