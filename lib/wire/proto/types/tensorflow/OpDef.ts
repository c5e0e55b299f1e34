// Original file: proto/tensorflow/core/framework/op_def.proto

import type { DataType as _tensorflow_DataType, DataType__Output as _tensorflow_DataType__Output } from '../tensorflow/DataType';

export interface _tensorflow_OpDef_ArgDef {
  'name'?: (string);
  'description'?: (string);
  'type'?: (_tensorflow_DataType);
  'typeAttr'?: (string);
  'numberAttr'?: (string);
  'typeListAttr'?: (string);
}

export interface _tensorflow_OpDef_ArgDef__Output {
  'name': (string);
  'description': (string);
  'type': (_tensorflow_DataType__Output);
  'typeAttr': (string);
  'numberAttr': (string);
  'typeListAttr': (string);
}

export interface OpDef {
  'name'?: (string);
  'inputArg'?: (_tensorflow_OpDef_ArgDef)[];
  'outputArg'?: (_tensorflow_OpDef_ArgDef)[];
}

export interface OpDef__Output {
  'name': (string);
  'inputArg': (_tensorflow_OpDef_ArgDef__Output)[];
  'outputArg': (_tensorflow_OpDef_ArgDef__Output)[];
}
