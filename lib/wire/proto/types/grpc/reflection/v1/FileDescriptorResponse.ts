// Original file: proto/grpc/reflection/v1/reflection.proto


export interface FileDescriptorResponse {
  'fileDescriptorProto'?: (Uint8Array)[];
}

export interface FileDescriptorResponse__Output {
  'fileDescriptorProto': (Buffer)[];
}
