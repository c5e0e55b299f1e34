import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';

import type { LinkedAbort } from '../concurrency/abort';
import { GrpcStatus } from '../errors/grpc-status';
import { sizeOf } from '../wire/proto/method-definition';
import { CallFailedError, statusOfHttp, type CallFailure } from './call-failure';

/** A call, ready to be sent. */
export interface UnaryRequest {
  readonly headers: OutgoingHttpHeaders;
  /** The encoded message, in parts. */
  readonly message: readonly Buffer[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly abort: LinkedAbort;
  /** Maximum size of the response, in bytes. */
  readonly maxMessageBytes: number;
}

/** Response message and initial metadata of a call. */
export interface UnaryAnswer {
  readonly message: Buffer;
  readonly headers: IncomingHttpHeaders;
}

// gRPC message framing: one byte for the compressed flag, four bytes for the length, then the message.
const PREFIX_BYTES = 5;
/** Maximum delay of `setTimeout`, which fires immediately for anything longer. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Makes a call on a connection.
 * @throws CallFailedError
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export function unaryCall(session: ClientHttp2Session, request: UnaryRequest): Promise<UnaryAnswer> {
  return new Promise((resolve, reject) => {
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(request.headers, { endStream: false });
    } catch {
      // The connection has received GOAWAY or broken since it was chosen.
      reject(new CallFailedError({ kind: 'unprocessed' }));
      return;
    }
    new UnaryCall(stream, request, resolve, reject).send();
  });
}

class UnaryCall {
  private headers: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
  private trailers: IncomingHttpHeaders = {};
  private readonly chunks: Buffer[] = [];
  private received = 0;
  private expected: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private settled = false;

  constructor(
    private readonly stream: ClientHttp2Stream,
    private readonly request: UnaryRequest,
    private readonly resolve: (answer: UnaryAnswer) => void,
    private readonly reject: (error: CallFailedError) => void,
  ) {}

  send(): void {
    const { stream, request } = this;
    stream.on('response', (headers) => {
      this.headers = headers;
    });
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      this.trailers = trailers;
    });
    stream.on('data', (chunk: Buffer) => {
      this.receive(chunk);
    });
    stream.on('end', () => {
      if (this.status !== undefined) {
        // A server can answer before it has received the whole request.
        this.close();
      }
    });
    stream.on('error', () => {
      // 'close' follows.
    });
    stream.on('close', () => {
      this.close();
    });
    request.abort.onAbort = this.abort;
    const left = request.deadline - Date.now();
    this.timer = setTimeout(
      () => {
        this.fail({ kind: 'status', code: GrpcStatus.DEADLINE_EXCEEDED, details: 'the deadline has passed' });
      },
      Math.min(Math.max(left, 0), LONGEST_MS),
    );
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(sizeOf(request.message), 1);
    // Written together, without a copy of the image.
    stream.cork();
    stream.write(prefix);
    for (const part of request.message) {
      stream.write(part);
    }
    stream.end();
    stream.uncork();
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.received += chunk.length;
    if (this.expected === undefined && this.received >= PREFIX_BYTES) {
      const start = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
      this.expected = start.readUInt32BE(1);
      if (this.expected > this.request.maxMessageBytes && this.headers[':status'] === 200) {
        this.fail({ kind: 'too-large', bytes: this.expected, start: start.subarray(0, PREFIX_BYTES) });
      }
    }
  }

  private close(): void {
    if (this.settled) {
      return;
    }
    const failure = this.failure();
    if (failure) {
      this.fail(failure);
      return;
    }
    const bytes = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    this.settle();
    this.stopSending();
    this.resolve({ message: bytes.subarray(PREFIX_BYTES), headers: this.headers });
  }

  /** Status of the call. A response without a message has it in the headers. */
  private get status(): string | string[] | undefined {
    return this.trailers['grpc-status'] ?? this.headers['grpc-status'];
  }

  private failure(): CallFailure | undefined {
    const { headers, trailers, stream } = this;
    const httpStatus = headers[':status'];
    if (httpStatus !== undefined && httpStatus !== 200) {
      return { kind: 'http', code: statusOfHttp(httpStatus), httpStatus };
    }
    const { status } = this;
    if (status === undefined) {
      return brokenStream(stream.rstCode, httpStatus === undefined);
    }
    const code = Number(status);
    if (code !== 0) {
      const details = String(trailers['grpc-message'] ?? headers['grpc-message'] ?? '');
      return {
        kind: 'status',
        code: statusOf(code),
        details: decodeMessage(details),
      };
    }
    return this.messageProblem();
  }

  private messageProblem(): CallFailure | undefined {
    const internal = (details: string): CallFailure => ({
      kind: 'status',
      code: GrpcStatus.INTERNAL,
      details,
    });
    if (this.expected === undefined || this.received - PREFIX_BYTES !== this.expected) {
      return internal(`got ${this.received} bytes of a response, expected one message`);
    }
    return this.chunks[0][0] === 0
      ? undefined
      : internal('got a compressed response, expected an uncompressed one');
  }

  private readonly abort = (): void => {
    this.fail({ kind: 'status', code: GrpcStatus.CANCELLED, details: 'the caller canceled the call' });
  };

  private fail(failure: CallFailure): void {
    if (this.settled) {
      return;
    }
    this.settle();
    this.stopSending();
    this.reject(new CallFailedError(failure));
  }

  /** Resets the stream unless both sides have ended it. */
  private stopSending(): void {
    const { stream } = this;
    if (!stream.closed && !(stream.readableEnded && stream.writableFinished)) {
      stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  private settle(): void {
    this.settled = true;
    clearTimeout(this.timer);
    this.request.abort.onAbort = undefined;
  }
}

/**
 * Returns the failure of a stream that ended without a status.
 * @param unanswered whether no part of a response has arrived
 */
function brokenStream(resetCode: number, unanswered: boolean): CallFailure {
  switch (resetCode) {
    case constants.NGHTTP2_REFUSED_STREAM:
      return { kind: 'unprocessed' };
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      return {
        kind: 'status',
        code: GrpcStatus.RESOURCE_EXHAUSTED,
        details: 'the server limits the rate of calls (ENHANCE_YOUR_CALM)',
      };
    case constants.NGHTTP2_NO_ERROR:
      if (!unanswered) {
        return { kind: 'status', code: GrpcStatus.INTERNAL, details: 'the response ended without a status' };
      }
      return { kind: 'connection', details: 'the stream was closed' };
    // Node.js closes the streams of a broken connection with the second code.
    case constants.NGHTTP2_CANCEL:
    case constants.NGHTTP2_INTERNAL_ERROR:
      return { kind: 'connection', details: 'the stream was reset' };
    default:
      return {
        kind: 'status',
        code: GrpcStatus.INTERNAL,
        details: `the stream was reset with HTTP/2 error code ${resetCode}`,
      };
  }
}

/** Decodes the percent-encoding of the `grpc-message` header. Invalid text is returned as it is. */
function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Formats the `grpc-timeout` header: up to eight digits and a unit. */
export function formatTimeout(ms: number): string {
  const whole = Math.max(Math.ceil(ms), 1);
  return whole < 1e8 ? `${whole}m` : `${Math.min(Math.ceil(whole / 1000), 99_999_999)}S`;
}

/** A code that gRPC does not define counts as unknown, as its specification says. */
function statusOf(code: number): GrpcStatus {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- a number that was looked up
  return code in GrpcStatus ? code : GrpcStatus.UNKNOWN;
}
