// Original file: proto/tensorflow_serving/apis/model.proto

import type { Int64Value as _google_protobuf_Int64Value, Int64Value__Output as _google_protobuf_Int64Value__Output } from '../../google/protobuf/Int64Value';

export interface ModelSpec {
  'name'?: (string);
  'version'?: (_google_protobuf_Int64Value | null);
  'signatureName'?: (string);
  'versionLabel'?: (string);
  'versionChoice'?: "version"|"versionLabel";
}

export interface ModelSpec__Output {
  'name': (string);
  'version'?: (_google_protobuf_Int64Value__Output | null);
  'signatureName': (string);
  'versionLabel'?: (string);
  'versionChoice'?: "version"|"versionLabel";
}
