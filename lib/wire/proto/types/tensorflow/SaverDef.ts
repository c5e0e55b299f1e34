// Original file: proto/tensorflow/core/protobuf/saver.proto


export interface SaverDef {
  'filenameTensorName'?: (string);
  'saveTensorName'?: (string);
  'restoreOpName'?: (string);
}

export interface SaverDef__Output {
  'filenameTensorName': (string);
  'saveTensorName': (string);
  'restoreOpName': (string);
}
