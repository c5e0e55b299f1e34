import path from 'node:path';

import protobuf from 'protobufjs';

/** Folder of the proto files. */
export const PROTO_FOLDER = path.resolve(__dirname, '../../proto');

/** Proto files whose services a client can ask for through server reflection. The files that they import are described, too. */
export const REFLECTED = [
  'grpc/health/v1/health.proto',
  'grpc/reflection/v1/reflection.proto',
  'tensorflow_serving/apis/model_service.proto',
  'tensorflow_serving/apis/prediction_service.proto',
];

/** All proto files with messages in use, except for those that they import. */
export const PROTO_FILES = [
  ...REFLECTED,
  'inference/grpc_predict_v2.proto',
  'onnx/onnx.proto',
  'tensorflow/core/protobuf/saved_model.proto',
  'tensorflow/core/protobuf/tensor_bundle.proto',
];

export const GOOGLE = 'google/protobuf/';

/**
 * Parses proto files and those that they import.
 * @param files paths relative to `proto/`
 */
export function parseProtoFiles(
  files: readonly string[],
  options: protobuf.IParseOptions = {},
): protobuf.Root {
  const root = new protobuf.Root();
  // protobufjs includes the content of Google's files.
  root.resolvePath = (_, target) => (target.startsWith(GOOGLE) ? target : path.join(PROTO_FOLDER, target));
  root.loadSync([...files], options).resolveAll();
  return root;
}

/** Returns a full name without the leading dot. */
export function fullName(object: protobuf.ReflectionObject): string {
  return object.fullName.replace(/^\./, '');
}
