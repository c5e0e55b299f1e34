// Original file: proto/tensorflow/core/example/feature.proto


export interface BytesList {
  'value'?: (Uint8Array)[];
}

export interface BytesList__Output {
  'value': (Buffer)[];
}
