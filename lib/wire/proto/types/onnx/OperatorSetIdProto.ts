// Original file: proto/onnx/onnx.proto


export interface OperatorSetIdProto {
  'domain'?: (string);
  'version'?: (number);
}

export interface OperatorSetIdProto__Output {
  'domain': (string);
  'version': (number);
}
