// Original file: proto/onnx/onnx.proto


export interface TensorProto {
  'dims'?: (number | string)[];
  'dataType'?: (number);
  'name'?: (string);
  'rawData'?: (Buffer | Uint8Array | string);
}

export interface TensorProto__Output {
  'dims': (number)[];
  'dataType': (number);
  'name': (string);
  'rawData': (Buffer);
}
