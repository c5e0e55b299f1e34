// Original file: proto/onnx/onnx.proto


export interface TensorProto {
  'dims'?: ArrayLike<number>;
  'dataType'?: (number);
  'name'?: (string);
  'rawData'?: (Uint8Array);
}

export interface TensorProto__Output {
  'dims': (number)[];
  'dataType': (number);
  'name': (string);
  'rawData': (Buffer);
}
