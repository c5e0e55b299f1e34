// Original file: proto/tensorflow_serving/util/status.proto

import type { Code as _tensorflow_error_Code, Code__Output as _tensorflow_error_Code__Output } from '../../tensorflow/error/Code';

export interface StatusProto {
  'errorCode'?: (_tensorflow_error_Code);
  'errorMessage'?: (string);
}

export interface StatusProto__Output {
  'errorCode': (_tensorflow_error_Code__Output);
  'errorMessage': (string);
}
