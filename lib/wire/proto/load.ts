import type { MethodDescriptor } from './descriptor';
import { MessageType } from './message-type';
import type { MethodDefinition, ServiceDefinition } from './method-definition';
import { services } from './types/descriptors';

/** Codec of a message type. */
export interface MessageCodec<Input extends object, Output extends object> {
  readonly serialize: (message: Input) => Buffer;
  /** Like `serialize`, but in parts that share the memory of large fields. */
  readonly serializeInParts: (message: Input) => Buffer[];
  /**
   * Decodes a message, whose `bytes` share the memory of the argument.
   * @throws RangeError if it is not valid
   */
  readonly deserialize: (bytes: Buffer) => Output;
}

/**
 * Returns the methods of a service in `proto/` with their codecs.
 * @param name full name, for example `tensorflow.serving.PredictionService`
 * @throws RangeError if no proto file declares it
 */
export function serviceDefinition(name: string): ServiceDefinition {
  if (!Object.hasOwn(services, name)) {
    throw new RangeError(`the proto files do not declare ${name}`);
  }
  const methods = Object.entries(services[name]).map(
    ([method, descriptor]) => [method, methodDefinition(`/${name}/${method}`, descriptor)] as const,
  );
  return Object.fromEntries(methods);
}

/**
 * Returns the codec of a message type.
 * @param name full name, for example `tensorflow.GraphDef`
 * @throws RangeError if no proto file declares it
 */
export function messageType<Input extends object, Output extends object>(
  name: string,
): MessageCodec<Input, Output> {
  const type = MessageType.of(name);
  const serializeInParts = (message: Input) => type.encode(message as Record<string, unknown>);
  return {
    serialize: (message) => {
      const parts = serializeInParts(message);
      return parts.length === 1 ? parts[0] : Buffer.concat(parts);
    },
    serializeInParts,
    deserialize: (bytes) => type.decode(bytes) as Output,
  };
}

function methodDefinition(
  path: string,
  { request, response, requestStream = false, responseStream = false }: MethodDescriptor,
): MethodDefinition<object, object> {
  const requestCodec = messageType(request);
  const responseCodec = messageType(response);
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: requestCodec.serialize,
    requestParts: requestCodec.serializeInParts,
    requestDeserialize: requestCodec.deserialize,
    responseSerialize: responseCodec.serialize,
    responseDeserialize: responseCodec.deserialize,
  };
}
