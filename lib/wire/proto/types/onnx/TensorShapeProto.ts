// Original file: proto/onnx/onnx.proto


export interface _onnx_TensorShapeProto_Dimension {
  'dimValue'?: (number);
  'dimParam'?: (string);
  'value'?: "dimValue"|"dimParam";
}

export interface _onnx_TensorShapeProto_Dimension__Output {
  'dimValue'?: (number);
  'dimParam'?: (string);
  'value'?: "dimValue"|"dimParam";
}

export interface TensorShapeProto {
  'dim'?: (_onnx_TensorShapeProto_Dimension)[];
}

export interface TensorShapeProto__Output {
  'dim': (_onnx_TensorShapeProto_Dimension__Output)[];
}
