import path from 'node:path';

import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';

/** The folder of the proto files. */
export const protoRoot = path.resolve(__dirname, '../../../proto');
let loaded: PackageDefinition | undefined;

/**
 * The messages and services of `proto/`, parsed once and only when first asked for.
 *
 * Field names are camelCase, enums are names, 64-bit integers are numbers and `bytes` are Buffers that
 * share the received message's memory. `scripts/generate-proto-types.mjs` generates the types with the
 * same settings.
 */
export function loadProtos(): PackageDefinition {
  loaded ??= loadSync(
    [
      'grpc/health/v1/health.proto',
      'grpc/reflection/v1/reflection.proto',
      'inference/grpc_predict_v2.proto',
      'onnx/onnx.proto',
      'tensorflow/core/framework/graph.proto',
      'tensorflow_serving/apis/model_service.proto',
      'tensorflow_serving/apis/prediction_service.proto',
    ],
    { includeDirs: [protoRoot], longs: Number, enums: String, defaults: true, oneofs: true },
  );
  return loaded;
}

/**
 * One message type's codec.
 * @param name the full name, for example `tensorflow.GraphDef`
 */
export function messageType<Input extends object, Output extends object>(
  name: string,
): MessageTypeDefinition<Input, Output> {
  return loadProtos()[name] as unknown as MessageTypeDefinition<Input, Output>;
}
