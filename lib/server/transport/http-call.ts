import type { IncomingHttpHeaders } from 'node:http';

import { GrpcStatus as status } from '../../errors/grpc-status';
import { failedOutcome, requestIdOf, type CallContext, type CallOutcome } from './call-context';
import { CallLifetime } from './call-lifetime';
import { corsHeaders } from './cors';
import type { TransportOptions } from './server-transport';
import { HttpError, httpStatusOf } from './http-error';
import type { Connection, HttpExchange } from './http-exchange';
import { transferMsOf } from './peer-timeouts';
import { DECOMPRESSORS } from './message-framing';
import { StatusError } from '../status-error';

/** A request with its whole body, decompressed. */
export interface HttpRequest {
  readonly verb: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A response. */
export interface HttpAnswer {
  /** @default 200 */
  readonly status?: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body, or its parts. */
  readonly body: Buffer | AsyncIterable<Buffer>;
}

/** What serves a request. */
export interface HttpRoute {
  /** gRPC method that the request corresponds to: `/package.Service/Method`. It decides about the key and the limits. */
  readonly method: string;
  /** Maximum size of the body, in bytes. @default - that of a message to `method` */
  readonly maxBodyBytes?: number | undefined;
  readonly handle: (request: HttpRequest, call: CallContext) => Promise<HttpAnswer> | HttpAnswer;
  /** Response to a request that failed. @default - the HTTP status and `{"error": message}` */
  readonly refuse?: ((outcome: CallOutcome) => HttpAnswer) | undefined;
}

/**
 * Chooses the route of a request.
 * @throws HttpError if there is none
 */
export type HttpRouter = (verb: string, path: string, headers: IncomingHttpHeaders) => HttpRoute;

/** Method of requests for which there is no route. */
const NO_METHOD = 'unknown';

/** One call over HTTP, from its headers to its response. */
export class HttpCall implements CallContext {
  readonly headers: IncomingHttpHeaders;
  readonly peer: string;
  readonly request: string;
  readonly requestId: string;
  readonly connection: Connection | undefined;
  private readonly lifetime = new CallLifetime();
  private readonly path: string;
  private readonly query: string;
  /** Whether only the headers of a GET are requested, as uptime checks do. */
  private readonly isHead: boolean;
  private route: HttpRoute | undefined;
  private answered = false;
  private ended = false;

  constructor(
    private readonly exchange: HttpExchange,
    private readonly options: TransportOptions,
    private readonly router: HttpRouter,
  ) {
    this.headers = exchange.headers;
    this.peer = exchange.peer;
    this.connection = exchange.connection;
    const [path, query] = exchange.target.split('?', 2);
    this.path = path;
    this.query = query;
    this.isHead = exchange.verb === 'HEAD';
    this.request = `${exchange.verb} ${path.slice(0, 256)}`;
    this.requestId = requestIdOf(this.headers['x-request-id']);
  }

  get method(): string {
    return this.route?.method ?? NO_METHOD;
  }

  get signal(): AbortSignal {
    return this.lifetime.signal;
  }

  get deadlineAt(): number | undefined {
    return this.lifetime.deadlineAt;
  }

  discardRequest(): void {
    this.exchange.body.resume();
  }

  hangUp(): void {
    this.exchange.hangUp();
  }

  /** Ends the call with this status. */
  stop(reason: StatusError): void {
    this.lifetime.stop(reason);
  }

  async run(): Promise<void> {
    const { lifetime, exchange } = this;
    let release: (() => void) | undefined;
    exchange.onClose(() => {
      if (!this.ended) {
        lifetime.stop(new StatusError(status.CANCELLED, 'the caller canceled the call'));
      }
    });
    try {
      this.route = this.router(this.isHead ? 'GET' : exchange.verb, this.path, this.headers);
      lifetime.limit(this.headers['grpc-timeout']);
      release = await lifetime.untilAborted(this.options.admit(this));
      await lifetime.untilAborted(this.answer(this.route));
      this.end({ status: status.OK, message: '', durationMs: lifetime.durationMs });
    } catch (error) {
      const outcome = failedOutcome(error, this.requestId, lifetime.durationMs);
      this.refuse(outcome, error);
      this.end(outcome);
    } finally {
      lifetime.end();
      release?.();
    }
  }

  private async answer(route: HttpRoute): Promise<void> {
    const { exchange, lifetime } = this;
    const limitMs = transferMsOf(this.options.timeouts);
    const body = await lifetime.inTime('the request was not received completely', limitMs, () => this.body());
    const { verb } = exchange;
    const query = new URLSearchParams(this.query);
    const answer = await route.handle({ verb, path: this.path, query, headers: this.headers, body }, this);
    if (lifetime.stopped) {
      return;
    }
    this.respond(answer);
    if (this.isHead) {
      return;
    }
    for await (const chunk of Buffer.isBuffer(answer.body) ? [answer.body] : answer.body) {
      if (this.ended || exchange.closed) {
        return;
      }
      if (!exchange.write(chunk)) {
        await lifetime.inTime('the response was not read', limitMs, () => exchange.drained());
      }
    }
  }

  private async body(): Promise<Buffer> {
    const limit = this.route?.maxBodyBytes ?? this.options.maxMessageBytes(this.method);
    if (Number(this.headers['content-length'] ?? 0) > limit) {
      throw tooLarge(`${String(this.headers['content-length'])} bytes`, limit);
    }
    this.exchange.acceptBody();
    const received = await this.receive(limit);
    const encoding = this.headers['content-encoding']?.toLowerCase() ?? 'identity';
    return encoding === 'identity' ? received : decompress(received, encoding, limit);
  }

  private receive(limit: number): Promise<Buffer> {
    const { body } = this.exchange;
    const chunks: Buffer[] = [];
    let length = 0;
    return new Promise((resolve, reject) => {
      const onData = (chunk: Buffer) => {
        length += chunk.length;
        if (length > limit) {
          body.off('data', onData);
          reject(tooLarge(`more than ${limit} bytes`, limit));
          return;
        }
        chunks.push(chunk);
      };
      body.on('data', onData);
      body.on('end', () => {
        resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length));
      });
      body.on('close', () => {
        reject(new StatusError(status.CANCELLED, 'the caller canceled the call while sending the request'));
      });
    });
  }

  private respond({ status: code = 200, headers, body }: HttpAnswer): void {
    this.exchange.respond(code, {
      ...headers,
      ...(Buffer.isBuffer(body) && { 'content-length': String(body.length) }),
      'x-request-id': this.requestId,
      ...this.options.metadata?.(),
      ...corsHeaders(this.headers.origin, this.options.allowedOrigins?.()),
    });
    this.answered = true;
  }

  private refuse(outcome: CallOutcome, error: unknown): void {
    const { exchange } = this;
    if (exchange.closed) {
      return;
    }
    const refusal = this.route?.refuse?.(outcome);
    if (this.answered) {
      // Part of the response has been sent. What follows must say that the rest is missing.
      if (refusal && Buffer.isBuffer(refusal.body)) {
        exchange.write(refusal.body);
      } else {
        exchange.abort();
      }
      return;
    }
    const answer = refusal ?? describe(outcome, error);
    this.respond(answer);
    if (!this.isHead && Buffer.isBuffer(answer.body)) {
      exchange.write(answer.body);
    }
  }

  private end(outcome: CallOutcome): void {
    const { exchange } = this;
    this.ended = true;
    if (!exchange.closed) {
      exchange.end();
      // Limits how long an unread response stays in memory.
      const timer = setTimeout(() => {
        exchange.abort();
      }, transferMsOf(this.options.timeouts));
      exchange.onClose(() => {
        clearTimeout(timer);
      });
    }
    this.options.onCallEnd(this, outcome);
  }
}

/** Returns a JSON response. */
export function jsonAnswer(value: unknown, code = 200): HttpAnswer {
  return {
    status: code,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(`${JSON.stringify(value)}\n`),
  };
}

/** TensorFlow Serving and the Open Inference Protocol report errors in the same form. */
function describe({ status: code, message }: CallOutcome, error: unknown): HttpAnswer {
  const answer = jsonAnswer(
    { error: message },
    error instanceof HttpError ? error.httpStatus : httpStatusOf(code),
  );
  const headers =
    error instanceof HttpError
      ? error.headers
      : code === status.UNAUTHENTICATED
        ? { 'www-authenticate': 'Bearer' }
        : {};
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

async function decompress(body: Buffer, encoding: string, limit: number): Promise<Buffer> {
  const decompressor = DECOMPRESSORS.get(encoding);
  if (!decompressor) {
    throw new HttpError(
      415,
      status.INVALID_ARGUMENT,
      `content-encoding is "${encoding}"; expected one of identity, ${[...DECOMPRESSORS.keys()].join(', ')}`,
    );
  }
  try {
    return await decompressor(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(`more than ${limit} bytes when decompressed`, limit);
    }
    throw new StatusError(status.INVALID_ARGUMENT, `the body is not valid ${encoding} data`, {
      cause: error,
    });
  }
}

function tooLarge(got: string, limit: number): HttpError {
  return new HttpError(
    413,
    status.RESOURCE_EXHAUSTED,
    `the body is ${got}, expected at most ${limit}; send fewer images per call`,
  );
}
