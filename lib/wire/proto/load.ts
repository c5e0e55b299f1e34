import path from 'node:path';

import type { Method, Root, Service, Type, Writer } from 'protobufjs/light';

import type { MethodDefinition, ServiceDefinition } from './method-definition';
import { finishInParts } from './message-parts';
import { writeFloatsFromMemory } from './packed-floats';
import { descriptors } from './types/descriptors';

/*
 * Replaces @grpc/proto-loader, with the same settings, for the parts that calls need. proto-loader parses every file and
 * describes every message before the first call, which takes longer than the rest of a command's startup.
 */

/** Folder of the proto files. */
export const protoRoot = path.resolve(__dirname, '../../../../proto');

/** Codec of a message type. */
export interface MessageCodec<Input extends object, Output extends object> {
  readonly serialize: (message: Input) => Buffer;
  /** Like `serialize`, but in parts that share the memory of large fields. */
  readonly serializeInParts: (message: Input) => Buffer[];
  readonly deserialize: (bytes: Buffer) => Output;
}

// Field names are camelCase, enums are names, 64-bit integers are numbers and `bytes` are Buffers that share the
// received message's memory. scripts/generate-proto-types.mjs generates the types with the same settings.
const CONVERSION = { longs: Number, enums: String, defaults: true, oneofs: true };

const TENSOR = 'tensorflow.TensorProto';

const roots = new Map<string, Root>();

/**
 * Returns the methods of a service in `proto/` with their codecs, which are created on first use.
 * @param name full name, for example `tensorflow.serving.PredictionService`
 */
export function serviceDefinition(name: string): ServiceDefinition {
  const service = rootOf(name).lookupService(name);
  const methods = service.methodsArray.map(
    (method) => [method.name, methodDefinition(`/${name}/${method.name}`, service, method)] as const,
  );
  return Object.fromEntries(methods);
}

/**
 * Returns the codec of a message type.
 * @param name full name, for example `tensorflow.GraphDef`
 */
export function messageType<Input extends object, Output extends object>(
  name: string,
): MessageCodec<Input, Output> {
  return codec(() => rootOf(name).lookupType(name));
}

function methodDefinition(
  wirePath: string,
  service: Service,
  { requestType, responseType, requestStream = false, responseStream = false }: Method,
): MethodDefinition<object, object> {
  const request = codec(() => service.lookupType(requestType));
  const response = codec(() => service.lookupType(responseType));
  return {
    path: wirePath,
    requestStream,
    responseStream,
    requestSerialize: request.serialize,
    requestParts: request.serializeInParts,
    requestDeserialize: request.deserialize,
    responseSerialize: response.serialize,
    responseDeserialize: response.deserialize,
  };
}

function codec<Input extends object, Output extends object>(find: () => Type): MessageCodec<Input, Output> {
  let found: Type | undefined;
  const encode = (message: Input): Writer => {
    found ??= find();
    return found.encode(found.fromObject(message));
  };
  return {
    serialize: (message) => encode(message).finish() as Buffer,
    serializeInParts: (message) => finishInParts(encode(message)),
    deserialize: (bytes) => {
      found ??= find();
      return found.toObject(found.decode(bytes), CONVERSION) as Output;
    },
  };
}

/** @throws RangeError if no proto file declares the name */
function rootOf(name: string): Root {
  const descriptor = descriptors.find(({ symbols }) => symbols.includes(name));
  if (!descriptor) {
    throw new RangeError(`the proto files do not declare ${name}`);
  }
  let root = roots.get(descriptor.json);
  if (!root) {
    const { Root } = require('protobufjs/light') as typeof import('protobufjs/light');
    root = Root.fromJSON(JSON.parse(descriptor.json) as object);
    if (descriptor.symbols.includes(TENSOR)) {
      writeFloatsFromMemory(root.lookupType(TENSOR), 'floatVal');
    }
    roots.set(descriptor.json, root);
  }
  return root;
}
