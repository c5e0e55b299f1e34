// Original file: proto/onnx/onnx.proto


// Original file: proto/onnx/onnx.proto

export const _onnx_AttributeProto_AttributeType = {
  UNDEFINED: 'UNDEFINED',
  FLOAT: 'FLOAT',
  INT: 'INT',
  STRING: 'STRING',
  TENSOR: 'TENSOR',
  GRAPH: 'GRAPH',
  FLOATS: 'FLOATS',
  INTS: 'INTS',
  STRINGS: 'STRINGS',
} as const;

export type _onnx_AttributeProto_AttributeType =
  | 'UNDEFINED'
  | 0
  | 'FLOAT'
  | 1
  | 'INT'
  | 2
  | 'STRING'
  | 3
  | 'TENSOR'
  | 4
  | 'GRAPH'
  | 5
  | 'FLOATS'
  | 6
  | 'INTS'
  | 7
  | 'STRINGS'
  | 8

export type _onnx_AttributeProto_AttributeType__Output = typeof _onnx_AttributeProto_AttributeType[keyof typeof _onnx_AttributeProto_AttributeType]

export interface AttributeProto {
  'name'?: (string);
  'f'?: (number);
  'i'?: (number);
  's'?: (Uint8Array);
  'floats'?: ArrayLike<number>;
  'ints'?: ArrayLike<number>;
  'type'?: (_onnx_AttributeProto_AttributeType);
}

export interface AttributeProto__Output {
  'name': (string);
  'f': (number);
  'i': (number);
  's': (Buffer);
  'floats': (number)[];
  'ints': (number)[];
  'type': (_onnx_AttributeProto_AttributeType__Output);
}
