import http2, { type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { MethodDefinition } from '../../wire/proto/method-definition';
import { GrpcStatus as status } from '../../errors/grpc-status';
import { failedOutcome, requestIdOf, type CallContext, type CallOutcome } from './call-context';
import { CallLifetime } from './call-lifetime';
import { encodeMessage } from './grpc-headers';
import type { TransportOptions } from './server-transport';
import { drained, stopRequest } from './http-exchange';
import { ACCEPTED_ENCODINGS, frame, MessageDecoder, type WireMessage } from './message-framing';
import type { MessageMemory } from './message-memory';
import { transferMsOf } from './peer-timeouts';
import { decodeRequest } from './request-message';
import { StatusError } from '../status-error';

const { HTTP2_HEADER_STATUS, HTTP2_HEADER_CONTENT_TYPE, HTTP2_HEADER_PATH, NGHTTP2_CANCEL } = http2.constants;

export type UnaryHandler<Request, Response> = (
  request: Request,
  call: CallContext,
) => Promise<Response> | Response;
export type StreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: CallContext,
) => AsyncIterable<Response>;

/** Method and its handler. A unary handler does not read the request after it has settled: its memory is used again. */
export interface Route {
  readonly definition: MethodDefinition<object, object>;
  readonly handler: UnaryHandler<object, object> | StreamHandler<object, object>;
}

/** One call, from its headers to its trailers. */
export class GrpcCall implements CallContext {
  readonly method: string;
  readonly peer: string;
  readonly requestId: string;
  readonly connection: Http2Session | undefined;
  private readonly lifetime = new CallLifetime();
  private ended = false;
  /** Fires if the response is not read in time. */
  private delivery: NodeJS.Timeout | undefined;
  /** Called when the stream closes before the request has been received. */
  private onBreak: (() => void) | undefined;

  constructor(
    private readonly stream: ServerHttp2Stream,
    readonly headers: IncomingHttpHeaders,
    private readonly options: TransportOptions,
    private readonly routes: ReadonlyMap<string, Route>,
    private readonly memory: MessageMemory,
  ) {
    this.method = String(headers[HTTP2_HEADER_PATH]);
    this.connection = stream.session;
    this.peer = this.connection?.socket.remoteAddress ?? 'unknown';
    this.requestId = requestIdOf(headers['x-request-id']);
  }

  get signal(): AbortSignal {
    return this.lifetime.signal;
  }

  get deadlineAt(): number | undefined {
    return this.lifetime.deadlineAt;
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
    this.lifetime.stop(reason);
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
      release = await this.lifetime.untilAborted(this.options.admit(this));
      const last = await this.lifetime.untilAborted(this.answer(route));
      this.end({ status: status.OK, message: '', durationMs: this.lifetime.durationMs }, last);
    } catch (error) {
      this.end(failedOutcome(error, this.requestId, this.lifetime.durationMs));
    } finally {
      this.lifetime.end();
      release?.();
    }
  }

  private watch(): void {
    // The only listener for the end of the stream: adding one takes longer than what it does.
    this.stream.on('close', () => {
      clearTimeout(this.delivery);
      if (!this.ended) {
        this.stop(new StatusError(status.CANCELLED, 'the caller canceled the call'));
      }
      this.onBreak?.();
    });
    this.lifetime.limit(this.headers['grpc-timeout']);
  }

  /** @returns a last message that is sent together with the end of the stream */
  private async answer({ definition, handler }: Route): Promise<Buffer | undefined> {
    if (definition.responseStream) {
      const answers = (handler as StreamHandler<object, object>)(this.requests(definition), this);
      for await (const answer of answers) {
        if (this.lifetime.stopped) {
          return undefined;
        }
        await this.write(frame(definition.responseSerialize(answer)));
      }
      return undefined;
    }
    const message = await this.lifetime.inTime(
      'the request was not received completely',
      transferMsOf(this.options.timeouts),
      () => this.singleMessage(),
    );
    const framed = await this.handle(definition, handler as UnaryHandler<object, object>, message);
    if (!framed) {
      return undefined;
    }
    if (framed.length < this.stream.writableHighWaterMark) {
      return framed;
    }
    // The call occupies its slot until the caller has read the response.
    await this.write(framed);
    return undefined;
  }

  /** @returns the framed response; `undefined` if nobody waits for it anymore */
  private async handle(
    definition: MethodDefinition<object, object>,
    handler: UnaryHandler<object, object>,
    message: WireMessage,
  ): Promise<Buffer | undefined> {
    try {
      const request = await this.decode(definition, message);
      const answer = await handler(request, this);
      return this.lifetime.stopped ? undefined : frame(definition.responseSerialize(answer));
    } finally {
      // Not before the handler has settled, even if the call has ended: requests share the memory of their message.
      this.memory.giveBack(message.bytes);
    }
  }

  /** Uses events: a request arrives in many chunks, and an async iterator creates several promises for each. */
  private singleMessage(): Promise<WireMessage> {
    const { stream } = this;
    const decoder = new MessageDecoder(this.options.maxMessageBytes(this.method), this.memory);
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
        this.onBreak = undefined;
        if (message && decoder.complete) {
          resolve(message);
        } else if (decoder.complete) {
          reject(new StatusError(status.INVALID_ARGUMENT, 'the request contains no message, expected one'));
        } else {
          this.incomplete().then(reject, reject);
        }
      });
      this.onBreak = () => {
        reject(brokenOff());
      };
    });
  }

  private async *requests(definition: MethodDefinition<object, object>): AsyncGenerator<object> {
    for await (const wire of this.messages()) {
      yield await this.decode(definition, wire);
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
    if (!decoder.complete) {
      throw await this.incomplete();
    }
  }

  /** Returns why a request ended in the middle of a message. */
  private async incomplete(): Promise<StatusError> {
    // Some clients end a stream before they reset it in order to cancel the call.
    await nextTurn();
    return this.stream.aborted
      ? brokenOff()
      : new StatusError(status.INVALID_ARGUMENT, 'the request ended in the middle of a message');
  }

  private decode(definition: MethodDefinition<object, object>, wire: WireMessage): Promise<object> {
    return decodeRequest(definition, wire, this.headers, this.options.maxMessageBytes(this.method));
  }

  private async write(framed: Buffer): Promise<void> {
    const { stream } = this;
    if (stream.destroyed) {
      return;
    }
    this.respond();
    if (!stream.write(framed)) {
      const limitMs = transferMsOf(this.options.timeouts);
      await this.lifetime.inTime('the response was not read', limitMs, () => drained(stream));
    }
  }

  private end(outcome: CallOutcome, last?: Buffer): void {
    this.ended = true;
    const { stream } = this;
    if (!stream.destroyed && !stream.closed) {
      // Errors get separate headers, too: clients treat headers that end the stream as trailers, and Azure ML's client
      // reads the request ID from the initial metadata.
      this.respond();
      stream.once('wantTrailers', () => {
        stream.sendTrailers({
          'grpc-status': String(outcome.status),
          ...(outcome.message && { 'grpc-message': encodeMessage(outcome.message) }),
        });
        stopRequest(stream);
      });
      stream.end(last);
      this.closeInTime();
    }
    this.options.onCallEnd(this, outcome);
  }

  /** Limits how long an unread response stays in memory. */
  private closeInTime(): void {
    const { stream } = this;
    this.delivery = setTimeout(() => {
      stream.close(NGHTTP2_CANCEL);
    }, transferMsOf(this.options.timeouts));
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

function brokenOff(cause?: unknown): StatusError {
  return new StatusError(status.CANCELLED, 'the caller canceled the call while sending the request', {
    cause,
  });
}
