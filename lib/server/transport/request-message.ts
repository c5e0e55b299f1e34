import type { IncomingHttpHeaders } from 'node:http';

import type { MethodDefinition } from '../../wire/proto/method-definition';
import { GrpcStatus as status } from '../../errors/grpc-status';
import { StatusError } from '../status-error';
import { bytesOf, type WireMessage } from './message-framing';

/**
 * Decompresses and decodes a request.
 * @param headers headers of the call, which name the compression
 * @throws StatusError if the message is not valid, or exceeds the limit when decompressed
 */
export async function decodeRequest(
  { path, requestDeserialize }: MethodDefinition<object, object>,
  message: WireMessage,
  headers: IncomingHttpHeaders,
  maxMessageBytes: number,
): Promise<object> {
  const bytes = await bytesOf(message, String(headers['grpc-encoding'] ?? 'identity'), maxMessageBytes);
  try {
    return requestDeserialize(bytes);
  } catch (error) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `the message is not a valid request for ${path} (${(error as Error).message})`,
      { cause: error },
    );
  }
}
