import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';

import { GrpcStatus } from '../errors/grpc-status';
import { GRPC_STATUS_OF_HTTP } from '../errors/http-status';
import { sizeOf } from '../wire/proto/method-definition';
import { CallFailedError, statusOfHttp, type CallFailure } from './call-failure';
import { DialingAgent } from './dialing-agent';
import type { ClientSettings } from './prediction-client-options';
import type { UnaryAnswer, UnaryRequest } from './unary-call';

/** Maximum delay of `setTimeout`, which fires immediately for anything longer. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Connections over HTTP/1.1, which every gateway forwards. A call takes an idle connection or opens another one.
 */
export class RestChannel {
  private readonly agent: DialingAgent;

  /** @throws InvalidInputError if the TLS settings are invalid */
  constructor(private readonly settings: ClientSettings) {
    this.agent = new DialingAgent(settings, settings.connectTimeoutMs);
  }

  /** Calls connect themselves. */
  get ready(): this {
    return this;
  }

  connect(): Promise<this> {
    return Promise.resolve(this);
  }

  abandon(): void {
    // Calls do not join each other's attempts to connect.
  }

  close(): void {
    this.agent.destroy();
  }

  /** @throws CallFailedError */
  call({ headers, message, deadline, abort, ...limits }: RestRequest): Promise<UnaryAnswer> {
    const { [':method']: method, [':path']: path, authorization } = headers;
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        agent: this.agent,
        method: String(method),
        path: String(path),
        headers: {
          ...withoutGrpc(headers),
          host: String(headers[':authority']),
          accept: 'application/json',
          ...(typeof authorization === 'string' && { authorization: `Bearer ${authorization}` }),
          ...(method === 'POST' && {
            'content-type': 'application/json',
            'content-length': sizeOf(message),
          }),
        },
      });
      const end = (failure: CallFailure) => {
        stop();
        request.destroy();
        reject(new CallFailedError(failure));
      };
      const cancel = () => {
        end({ kind: 'status', code: GrpcStatus.CANCELLED, details: 'the call was canceled' });
      };
      const timer = setTimeout(
        () => {
          end({ kind: 'status', code: GrpcStatus.DEADLINE_EXCEEDED, details: 'the deadline was exceeded' });
        },
        Math.min(Math.max(deadline - Date.now(), 0), LONGEST_MS),
      );
      const stop = () => {
        clearTimeout(timer);
        abort.onAbort = undefined;
      };
      abort.onAbort = cancel;
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed an idle connection just when it was chosen.
        const unprocessed = request.reusedSocket && error.code === 'ECONNRESET';
        end(unprocessed ? { kind: 'unprocessed' } : { kind: 'connection', details: error.message });
      });
      request.on('response', (response) => {
        receive(response, limits.maxMessageBytes).then((received) => {
          if (Buffer.isBuffer(received)) {
            stop();
            settle(response, received, limits.alsoAnswers ?? [], resolve, reject);
          } else {
            end(received);
          }
        }, reject);
      });
      for (const part of message) {
        request.write(part);
      }
      request.end();
    });
  }
}

/** Headers of gRPC alone, besides `grpc-*`, and those that REST has in another form. */
const GRPC_ONLY = new Set(['authorization', 'content-type', 'te']);

/** Returns the headers that a call has over REST, too, such as its id and the context of its trace. */
function withoutGrpc(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !/^(?::|grpc-)/.test(name) && !GRPC_ONLY.has(name));
  return Object.fromEntries(kept);
}

/** A call over REST. */
export interface RestRequest extends UnaryRequest {
  /** Statuses of errors whose body is an answer. */
  readonly alsoAnswers?: readonly number[] | undefined;
}

/** Receives the body, or the reason why it cannot be used. */
function receive(response: IncomingMessage, maxBytes: number): Promise<Buffer | CallFailure> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) {
        resolve({ kind: 'too-large', bytes: length, start: Buffer.alloc(0) });
      }
    });
    response.on('end', () => {
      resolve(Buffer.concat(chunks, length));
    });
    response.on('error', (error: Error) => {
      resolve({ kind: 'connection', details: error.message });
    });
  });
}

function settle(
  { statusCode: httpStatus = 0, headers }: IncomingMessage,
  message: Buffer,
  alsoAnswers: readonly number[],
  resolve: (answer: UnaryAnswer) => void,
  reject: (error: CallFailedError) => void,
): void {
  const problem = errorIn(message);
  if (httpStatus === 200 || (alsoAnswers.includes(httpStatus) && problem === undefined && isJson(message))) {
    resolve({ message, headers });
    return;
  }
  const code = GRPC_STATUS_OF_HTTP[httpStatus];
  reject(
    new CallFailedError(
      problem === undefined || code === undefined
        ? { kind: 'http', code: statusOfHttp(httpStatus), httpStatus }
        : { kind: 'status', code, details: problem },
    ),
  );
}

function isJson(message: Buffer): boolean {
  return message[0] === 0x7b;
}

/** Returns the message of `{"error": message}`; undefined for anything else, such as the page of a gateway. */
function errorIn(message: Buffer): string | undefined {
  try {
    const { error } = JSON.parse(message.toString('utf8')) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
