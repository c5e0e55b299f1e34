// Original file: proto/tensorflow/core/framework/attr_value.proto

import type { DataType as _tensorflow_DataType, DataType__Output as _tensorflow_DataType__Output } from '../tensorflow/DataType';
import type { TensorShapeProto as _tensorflow_TensorShapeProto, TensorShapeProto__Output as _tensorflow_TensorShapeProto__Output } from '../tensorflow/TensorShapeProto';
import type { TensorProto as _tensorflow_TensorProto, TensorProto__Output as _tensorflow_TensorProto__Output } from '../tensorflow/TensorProto';
import type { NameAttrList as _tensorflow_NameAttrList, NameAttrList__Output as _tensorflow_NameAttrList__Output } from '../tensorflow/NameAttrList';

export interface _tensorflow_AttrValue_ListValue {
  's'?: (Uint8Array)[];
  'i'?: ArrayLike<number>;
  'f'?: ArrayLike<number>;
  'b'?: (boolean)[];
  'type'?: (_tensorflow_DataType)[];
  'shape'?: (_tensorflow_TensorShapeProto)[];
  'tensor'?: (_tensorflow_TensorProto)[];
  'func'?: (_tensorflow_NameAttrList)[];
}

export interface _tensorflow_AttrValue_ListValue__Output {
  's': (Buffer)[];
  'i': (number)[];
  'f': (number)[];
  'b': (boolean)[];
  'type': (_tensorflow_DataType__Output)[];
  'shape': (_tensorflow_TensorShapeProto__Output)[];
  'tensor': (_tensorflow_TensorProto__Output)[];
  'func': (_tensorflow_NameAttrList__Output)[];
}

export interface AttrValue {
  'list'?: (_tensorflow_AttrValue_ListValue | null);
  's'?: (Uint8Array);
  'i'?: (number);
  'f'?: (number);
  'b'?: (boolean);
  'type'?: (_tensorflow_DataType);
  'shape'?: (_tensorflow_TensorShapeProto | null);
  'tensor'?: (_tensorflow_TensorProto | null);
  'placeholder'?: (string);
  'func'?: (_tensorflow_NameAttrList | null);
  'value'?: "list"|"s"|"i"|"f"|"b"|"type"|"shape"|"tensor"|"placeholder"|"func";
}

export interface AttrValue__Output {
  'list'?: (_tensorflow_AttrValue_ListValue__Output | null);
  's'?: (Buffer);
  'i'?: (number);
  'f'?: (number);
  'b'?: (boolean);
  'type'?: (_tensorflow_DataType__Output);
  'shape'?: (_tensorflow_TensorShapeProto__Output | null);
  'tensor'?: (_tensorflow_TensorProto__Output | null);
  'placeholder'?: (string);
  'func'?: (_tensorflow_NameAttrList__Output | null);
  'value'?: "list"|"s"|"i"|"f"|"b"|"type"|"shape"|"tensor"|"placeholder"|"func";
}
