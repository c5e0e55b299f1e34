// Original file: proto/inference/grpc_predict_v2.proto


export interface InferTensorContents {
  'boolContents'?: (boolean)[];
  'intContents'?: (number)[];
  'int64Contents'?: ArrayLike<number>;
  'uintContents'?: (number)[];
  'fp32Contents'?: ArrayLike<number>;
  'fp64Contents'?: ArrayLike<number>;
  'bytesContents'?: (Uint8Array)[];
}

export interface InferTensorContents__Output {
  'boolContents': (boolean)[];
  'intContents': (number)[];
  'int64Contents': (number)[];
  'uintContents': (number)[];
  'fp32Contents': (number)[];
  'fp64Contents': (number)[];
  'bytesContents': (Buffer)[];
}
