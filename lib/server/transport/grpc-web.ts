import { GrpcStatus as status } from '../../errors/grpc-status';

import type { CallContext, CallOutcome } from './call-context';
import type { Route, StreamHandler, UnaryHandler } from './grpc-call';
import { encodeMessage } from './grpc-headers';
import type { HttpAnswer, HttpRequest, HttpRoute } from './http-call';
import { frame, MessageDecoder } from './message-framing';
import { decodeRequest } from './request-message';
import { StatusError } from '../status-error';

/** First bit of the frame that contains the trailers, which browsers cannot read otherwise. */
const TRAILERS = 0x80;
/** Bytes around a message. */
const PREFIX_BYTES = 5;

/** How the body of a gRPC-Web call is encoded. */
interface WebEncoding {
  readonly contentType: string;
  readonly decode: (body: Buffer) => Buffer;
  readonly encode: (frame: Buffer) => Buffer;
  /** Size of the largest body whose message has this size. */
  readonly bodyBytes: (messageBytes: number) => number;
}

const BINARY: WebEncoding = {
  contentType: 'application/grpc-web+proto',
  decode: (body) => body,
  encode: (bytes) => bytes,
  bodyBytes: (bytes) => bytes + PREFIX_BYTES,
};

const TEXT: WebEncoding = {
  contentType: 'application/grpc-web-text+proto',
  // Parts that were encoded one by one each have their padding.
  decode: (body) =>
    Buffer.concat(
      (body.toString('latin1').match(/[^=]+=*/g) ?? []).map((part) => Buffer.from(part, 'base64')),
    ),
  encode: (bytes) => Buffer.from(bytes.toString('base64')),
  bodyBytes: (bytes) => Math.ceil((bytes + PREFIX_BYTES) / 3) * 4,
};

/** Returns whether a content type is that of gRPC-Web, which browsers send. */
export function isGrpcWeb(contentType: string | undefined): boolean {
  return encodingOf(contentType) !== undefined;
}

/**
 * Serves a method over gRPC-Web, as a route of HTTP.
 * @param route undefined if there is no such method
 * @param maxMessageBytes maximum size of the request message
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
 */
export function grpcWebRoute(
  path: string,
  contentType: string | undefined,
  route: Route | undefined,
  maxMessageBytes: number,
): HttpRoute {
  const encoding = encodingOf(contentType) ?? BINARY;
  const headers = { 'content-type': encoding.contentType };
  return {
    method: route ? path : 'unknown',
    maxBodyBytes: encoding.bodyBytes(maxMessageBytes),
    handle: async (request, call): Promise<HttpAnswer> => {
      if (!route) {
        throw new StatusError(status.UNIMPLEMENTED, `method ${path} is not implemented by this server`);
      }
      const message = await readMessage(request, route, encoding, maxMessageBytes);
      const trailers = encoding.encode(trailersFrame({ status: status.OK, message: '' }));
      if (route.definition.responseStream) {
        return { headers, body: streamed(route, message, call, encoding, trailers) };
      }
      const answer = await (route.handler as UnaryHandler<object, object>)(message, call);
      const framed = encoding.encode(frame(route.definition.responseSerialize(answer)));
      return { headers, body: Buffer.concat([framed, trailers]) };
    },
    refuse: (outcome) => ({ headers, body: encoding.encode(trailersFrame(outcome)) }),
  };
}

function encodingOf(contentType = ''): WebEncoding | undefined {
  const type = /^application\/grpc-web(-text)?(?:\+proto)?\s*(?:;|$)/i.exec(contentType);
  return type ? (type[1] ? TEXT : BINARY) : undefined;
}

async function readMessage(
  { headers, body }: HttpRequest,
  { definition }: Route,
  encoding: WebEncoding,
  maxMessageBytes: number,
): Promise<object> {
  const decoder = new MessageDecoder(maxMessageBytes);
  const messages = decoder.push(encoding.decode(body));
  if (!decoder.complete || messages.length !== 1) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      decoder.complete
        ? `the request contains ${messages.length} messages, expected one`
        : 'the request ended in the middle of a message',
    );
  }
  return decodeRequest(definition, messages[0], headers, maxMessageBytes);
}

async function* streamed(
  { definition, handler }: Route,
  message: object,
  call: CallContext,
  encoding: WebEncoding,
  trailers: Buffer,
): AsyncGenerator<Buffer> {
  for await (const answer of (handler as StreamHandler<object, object>)(only(message), call)) {
    yield encoding.encode(frame(definition.responseSerialize(answer)));
  }
  yield trailers;
}

// eslint-disable-next-line @typescript-eslint/require-await -- the handlers read requests asynchronously
async function* only(message: object): AsyncGenerator<object> {
  yield message;
}

function trailersFrame({ status: code, message }: Pick<CallOutcome, 'status' | 'message'>): Buffer {
  const text = `grpc-status:${code}\r\n${message && `grpc-message:${encodeMessage(message)}\r\n`}`;
  const framed = frame(Buffer.from(text, 'latin1'));
  framed[0] = TRAILERS;
  return framed;
}
