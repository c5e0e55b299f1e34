import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import http2, { type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { status, type MethodDefinition } from '@grpc/grpc-js';

import { encodeMessage, parseTimeout, shorten } from './grpc-headers';
import type { GrpcTransportOptions } from './grpc-transport';
import { ACCEPTED_ENCODINGS, decompress, frame, MessageDecoder, type WireMessage } from './message-framing';
import { transferMsOf } from './peer-timeouts';
import { StatusError } from '../status-error';

const {
  HTTP2_HEADER_STATUS,
  HTTP2_HEADER_CONTENT_TYPE,
  HTTP2_HEADER_PATH,
  NGHTTP2_NO_ERROR,
  NGHTTP2_CANCEL,
} = http2.constants;

/** The call as its handler sees it. */
export interface CallContext {
  /** `/package.Service/Method`. */
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** IP address of the caller. */
  readonly peer: string;
  /** The caller's `x-request-id`, or a generated one. It is logged and returned in the initial metadata. */
  readonly requestId: string;
  /** Aborts when the caller cancels, its deadline passes or the server stops. Its reason is a `StatusError`. */
  readonly signal: AbortSignal;
  /** Deadline in milliseconds since the epoch, or undefined if the caller set none. */
  readonly deadlineAt: number | undefined;
  /** Discards the rest of the request. For calls that are refused regardless of their content. */
  discardRequest(): void;
  /** Closes the caller's connection once its calls have ended. */
  hangUp(): void;
}

export type UnaryHandler<Request, Response> = (
  request: Request,
  call: CallContext,
) => Promise<Response> | Response;
export type StreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: CallContext,
) => AsyncIterable<Response>;

/** Method and its handler. */
export interface Route {
  readonly definition: MethodDefinition<object, object>;
  readonly handler: UnaryHandler<object, object> | StreamHandler<object, object>;
}

/** Outcome of a call, for the log. */
export interface CallOutcome {
  readonly status: status;
  readonly message: string;
  readonly durationMs: number;
  /** Internal error, if one occurred. The caller learns only that the server failed. */
  readonly failure?: unknown;
}

/** One call, from its headers to its trailers. */
export class GrpcCall implements CallContext {
  readonly method: string;
  readonly peer: string;
  readonly requestId: string;
  /** Connection of the call. */
  readonly session: Http2Session | undefined;
  private readonly abort = new AbortController();
  private readonly startedAt = performance.now();
  private deadline: NodeJS.Timeout | undefined;
  private endsAt: number | undefined;
  private ended = false;

  constructor(
    private readonly stream: ServerHttp2Stream,
    readonly headers: IncomingHttpHeaders,
    private readonly options: GrpcTransportOptions,
    private readonly routes: ReadonlyMap<string, Route>,
  ) {
    // Each image of a batch may add a listener.
    setMaxListeners(0, this.abort.signal);
    this.method = String(headers[HTTP2_HEADER_PATH]);
    this.session = stream.session;
    this.peer = this.session?.socket.remoteAddress ?? 'unknown';
    this.requestId = requestId(headers['x-request-id']);
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get deadlineAt(): number | undefined {
    return this.endsAt;
  }

  discardRequest(): void {
    // Unread data would exhaust the connection's flow-control window and block its other calls.
    this.stream.resume();
  }

  hangUp(): void {
    this.stream.session?.close();
  }

  /** Ends the call with this status. */
  stop(reason: StatusError): void {
    this.abort.abort(reason);
  }

  async run(): Promise<void> {
    let release: (() => void) | undefined;
    try {
      this.watch();
      const route = this.routes.get(this.method);
      if (!route) {
        throw new StatusError(
          status.UNIMPLEMENTED,
          this.options.unimplemented?.get(this.method) ??
            `method ${this.method} is not implemented by this server`,
        );
      }
      release = await this.untilAborted(this.options.admit(this));
      await this.untilAborted(this.answer(route));
      this.end(status.OK, '');
    } catch (error) {
      if (error instanceof StatusError) {
        this.end(error.status, error.message);
      } else {
        // Internal errors belong in the log. They may reveal paths or configuration.
        this.end(
          status.INTERNAL,
          `internal error; find the cause in the server log under request ID ${this.requestId}`,
          error,
        );
      }
    } finally {
      clearTimeout(this.deadline);
      release?.();
    }
  }

  private watch(): void {
    this.stream.on('close', () => {
      if (!this.ended) {
        this.abort.abort(new StatusError(status.CANCELLED, 'the caller canceled the call'));
      }
    });
    const timeout = parseTimeout(this.headers['grpc-timeout']);
    if (timeout !== undefined) {
      this.endsAt = Date.now() + timeout;
      this.deadline = setTimeout(() => {
        this.abort.abort(
          new StatusError(
            status.DEADLINE_EXCEEDED,
            `the deadline of ${timeout} ms was exceeded; raise it or send fewer images per call`,
          ),
        );
      }, timeout);
    }
  }

  private async answer({ definition, handler }: Route): Promise<void> {
    if (definition.responseStream) {
      const answers = (handler as StreamHandler<object, object>)(this.requests(definition), this);
      for await (const answer of answers) {
        if (this.signal.aborted) {
          return;
        }
        await this.write(definition.responseSerialize(answer));
      }
      return;
    }
    const request = await this.inTime('the request was not received completely', () =>
      this.singleRequest(definition),
    );
    const answer = await (handler as UnaryHandler<object, object>)(request, this);
    if (!this.signal.aborted) {
      await this.write(definition.responseSerialize(answer));
    }
  }

  private async singleRequest(definition: MethodDefinition<object, object>): Promise<object> {
    const message = await this.singleMessage();
    if (!message) {
      throw new StatusError(status.INVALID_ARGUMENT, 'the request contains no message, expected one');
    }
    return this.parse(definition, message);
  }

  /** Uses events: a request arrives in many chunks, and an async iterator creates several promises for each. */
  private singleMessage(): Promise<WireMessage | undefined> {
    const { stream } = this;
    const decoder = new MessageDecoder(this.options.maxMessageBytes(this.method));
    let message: WireMessage | undefined;
    return new Promise((resolve, reject) => {
      const onData = (chunk: Buffer) => {
        try {
          for (const wire of decoder.push(chunk)) {
            if (message) {
              throw new StatusError(
                status.UNIMPLEMENTED,
                `${this.method} accepts one message, received more`,
              );
            }
            message = wire;
          }
        } catch (error) {
          // A handler that stops reading may still respond, so the stream must stay open.
          stream.off('data', onData);
          stream.pause();
          const refusal = error as Error;
          reject(refusal);
        }
      };
      stream.on('data', onData);
      stream.on('end', () => {
        this.requireWhole(decoder).then(() => {
          resolve(message);
        }, reject);
      });
      stream.on('close', () => {
        reject(brokenOff());
      });
    });
  }

  private async *requests(definition: MethodDefinition<object, object>): AsyncGenerator<object> {
    for await (const wire of this.messages()) {
      yield await this.parse(definition, wire);
    }
  }

  private async *messages(): AsyncGenerator<WireMessage> {
    const decoder = new MessageDecoder(this.options.maxMessageBytes(this.method));
    // A handler that stops reading may still respond, so the stream must outlive the loop.
    const chunks = this.stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    try {
      for await (const chunk of chunks) {
        yield* decoder.push(chunk);
      }
    } catch (error) {
      throw error instanceof StatusError ? error : brokenOff(error);
    }
    await this.requireWhole(decoder);
  }

  /** Checks that the request did not end in the middle of a message. */
  private async requireWhole(decoder: MessageDecoder): Promise<void> {
    if (decoder.complete) {
      return;
    }
    // Some clients end a stream before they reset it in order to cancel the call.
    await nextTurn();
    if (this.stream.aborted) {
      throw brokenOff();
    }
    throw new StatusError(status.INVALID_ARGUMENT, 'the request ended in the middle of a message');
  }

  private async parse(definition: MethodDefinition<object, object>, wire: WireMessage): Promise<object> {
    const encoding = String(this.headers['grpc-encoding'] ?? 'identity');
    const bytes = await decompress(wire, encoding, this.options.maxMessageBytes(this.method));
    try {
      return definition.requestDeserialize(bytes);
    } catch (error) {
      throw new StatusError(
        status.INVALID_ARGUMENT,
        `the message is not a valid request for ${this.method} (${(error as Error).message})`,
        { cause: error },
      );
    }
  }

  private async write(message: Uint8Array): Promise<void> {
    const { stream } = this;
    if (stream.destroyed) {
      return;
    }
    this.respond();
    if (!stream.write(frame(message))) {
      await this.inTime('the response was not read', () => drained(stream));
    }
  }

  /** Limits a transfer: a deliberately slow or vanished peer must not occupy a slot that other calls wait for. */
  private async inTime<T>(problem: string, transfer: () => Promise<T>): Promise<T> {
    const limitMs = transferMsOf(this.options.timeouts);
    const timer = setTimeout(() => {
      this.abort.abort(
        new StatusError(status.DEADLINE_EXCEEDED, `${problem} within the limit of ${limitMs} ms`),
      );
    }, limitMs);
    try {
      return await transfer();
    } finally {
      clearTimeout(timer);
    }
  }

  private untilAborted<T>(work: T | Promise<T>): Promise<T> {
    if (!(work instanceof Promise)) {
      return Promise.resolve(work);
    }
    work.catch(ignore);
    return new Promise<T>((resolve, reject) => {
      const aborted = () => {
        reject(this.signal.reason as Error);
      };
      if (this.signal.aborted) {
        aborted();
        return;
      }
      this.signal.addEventListener('abort', aborted, { once: true });
      work.then(resolve, reject);
    });
  }

  private end(code: status, reason: string, failure?: unknown): void {
    this.ended = true;
    const message = shorten(reason);
    const outcome = { status: code, message, durationMs: performance.now() - this.startedAt, failure };
    const { stream } = this;
    if (!stream.destroyed && !stream.closed) {
      // Errors get separate headers, too: clients treat headers that end the stream as trailers, and Azure ML's client
      // reads the request ID from the initial metadata.
      this.respond();
      stream.once('wantTrailers', () => {
        stream.sendTrailers({
          'grpc-status': String(code),
          ...(message && { 'grpc-message': encodeMessage(message) }),
        });
        // In the same turn, a reset would overtake the trailers.
        void nextTurn().then(() => {
          this.stopReading();
        });
      });
      stream.end();
      this.closeInTime();
    }
    this.options.onCallEnd(this, outcome);
  }

  /** Limits how long an unread response stays in memory. */
  private closeInTime(): void {
    const { stream } = this;
    const timer = setTimeout(() => {
      stream.close(NGHTTP2_CANCEL);
    }, transferMsOf(this.options.timeouts));
    stream.once('close', () => {
      clearTimeout(timer);
    });
  }

  /** Resets the stream if the caller is still sending a request that will not be read. */
  private stopReading(): void {
    if (!this.stream.readableEnded) {
      this.stream.close(NGHTTP2_NO_ERROR);
    }
  }

  /** Sends the initial metadata, once. */
  private respond(): void {
    if (this.stream.headersSent) {
      return;
    }
    this.stream.respond(
      {
        [HTTP2_HEADER_STATUS]: 200,
        [HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
        'grpc-accept-encoding': ACCEPTED_ENCODINGS,
        'x-request-id': this.requestId,
        // The name that Azure ML used. Its Python client fails with a KeyError if an error lacks it.
        request_id: this.requestId,
        ...this.options.metadata?.(),
      },
      { waitForTrailers: true },
    );
  }
}

function drained(stream: ServerHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

function brokenOff(cause?: unknown): StatusError {
  return new StatusError(status.CANCELLED, 'the caller canceled the call while sending the request', {
    cause,
  });
}

function requestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\w.:-]{1,128}$/.test(header) ? header : randomUUID();
}

function ignore(): void {
  // The outcome of the call reports the error.
}
