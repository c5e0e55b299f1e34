import { randomUUID } from 'node:crypto';
import http2, { type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

import { status } from '@grpc/grpc-js';
import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader';

import { ACCEPTED_ENCODINGS, decompress, frame, MessageDecoder } from './message-framing';
import { StatusError } from './status-error';

/*
 * gRPC over node:http2. grpc-js's own server cannot widen its 64 KB flow-control window, which makes a 602 kB
 * request over a 40 ms round trip take 14 times as long as it needs to, nor replace its certificate while it
 * listens; Connect needs generated code of its own beside proto-loader's. bench/ holds the comparison.
 */

const {
  HTTP2_HEADER_STATUS,
  HTTP2_HEADER_CONTENT_TYPE,
  HTTP2_HEADER_METHOD,
  HTTP2_HEADER_PATH,
  NGHTTP2_NO_ERROR,
  NGHTTP2_CANCEL,
} = http2.constants;

const WINDOW_BYTES = 4 * 1024 * 1024;
const GRPC_CONTENT_TYPE = 'application/grpc';

/** What a handler knows of its call. */
export interface CallContext {
  /** `package.Service/Method`. */
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The caller's address. */
  readonly peer: string;
  /** The caller's `x-request-id`, or one made here. It goes back in the answer's headers and into the log. */
  readonly requestId: string;
  /** Aborts when the caller cancels, its deadline passes or the server stops. Its reason is a `StatusError`. */
  readonly signal: AbortSignal;
}

export type UnaryHandler<Request, Response> = (request: Request, call: CallContext) => Promise<Response> | Response;
export type StreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: CallContext,
) => AsyncIterable<Response>;

/** How a call ended, for the log. */
export interface CallOutcome {
  readonly status: status;
  readonly message: string;
  readonly durationMs: number;
  /** What went wrong inside, where something did: the caller is told only that it did. */
  readonly failure?: unknown;
}

export interface TlsContext {
  /** The certificate and its chain, PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
}

export interface GrpcTransportOptions {
  readonly maxMessageBytes: number;
  /** @default - plaintext */
  readonly tls?: TlsContext;
  /**
   * Decides by the headers alone, before a byte of the message is read, whether a call goes on; throws a
   * `StatusError` where it does not. What it returns is called when the call has ended.
   */
  readonly admit: (call: CallContext) => () => void;
  readonly onCallEnd: (call: CallContext, outcome: CallOutcome) => void;
}

interface Route {
  readonly definition: MethodDefinition<object, object>;
  readonly handler: UnaryHandler<object, object> | StreamHandler<object, object>;
}

/** A gRPC server: unary and streaming methods, deadlines, cancellation, compressed requests, draining. */
export class GrpcTransport {
  private readonly routes = new Map<string, Route>();
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly server: http2.Http2Server | http2.Http2SecureServer;
  private readonly stopping = new AbortController();

  constructor(private readonly options: GrpcTransportOptions) {
    const settings: http2.ServerOptions = {
      settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: 2048 },
      // Node's 10 MB would refuse streams while a few dozen requests are on their way in.
      maxSessionMemory: 1024,
    };
    this.server = options.tls
      ? http2.createSecureServer({ ...settings, ...secureContext(options.tls), minVersion: 'TLSv1.2' })
      : http2.createServer(settings);
    this.server.on('session', (session: ServerHttp2Session) => {
      this.track(session);
    });
    this.server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      this.serve(stream, headers);
    });
    // A peer's fault (a reset, a broken handshake) ends its own session or stream and nothing else.
    this.server.on('sessionError', ignore);
  }

  /** Adds a service of proto-loader's. Handlers are found by the method's name in the proto file. */
  addService(service: ServiceDefinition, handlers: object): void {
    const byName = new Map(Object.entries(handlers) as [string, Route['handler']][]);
    for (const [name, definition] of Object.entries(service)) {
      const handler = byName.get(name);
      if (handler) {
        this.routes.set(definition.path, { definition: definition as MethodDefinition<object, object>, handler });
      }
    }
  }

  /** Listens. @returns the port, which differs from the one asked for when that is 0 */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.removeListener('error', reject);
        resolve();
      });
    });
    return (this.server.address() as AddressInfo).port;
  }

  /**
   * Serves new connections with another certificate. Those that are open keep theirs.
   * @throws when the certificate and the key do not fit each other; the old pair goes on serving
   */
  replaceCertificate(tls: TlsContext): void {
    if ('setSecureContext' in this.server) {
      this.server.setSecureContext(secureContext(tls));
    }
  }

  /** Takes no new connection and no new call, and resolves when all calls have ended. */
  async drain(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    for (const session of this.sessions) {
      session.close();
    }
    await closed;
  }

  /** Ends what is still running. */
  destroy(): void {
    this.stopping.abort(new StatusError(status.UNAVAILABLE, 'the server has stopped; try again'));
    for (const session of this.sessions) {
      session.destroy();
    }
    this.server.close();
  }

  private track(session: ServerHttp2Session): void {
    session.setLocalWindowSize(WINDOW_BYTES);
    this.sessions.add(session);
    session.on('close', () => this.sessions.delete(session));
    session.on('error', ignore);
  }

  private serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', ignore);
    if (
      headers[HTTP2_HEADER_METHOD] !== 'POST' ||
      !String(headers[HTTP2_HEADER_CONTENT_TYPE]).startsWith(GRPC_CONTENT_TYPE)
    ) {
      stream.respond({ [HTTP2_HEADER_STATUS]: 415, [HTTP2_HEADER_CONTENT_TYPE]: 'text/plain' });
      stream.end('This is a gRPC server: POST application/grpc, or use a gRPC client.\n');
      return;
    }
    void new Call(stream, headers, this.options, this.routes, this.stopping.signal).run();
  }
}

/** One call from its headers to its trailers. */
class Call implements CallContext {
  readonly method: string;
  readonly peer: string;
  readonly requestId: string;
  private readonly abort = new AbortController();
  private readonly startedAt = performance.now();
  private deadline: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly stream: ServerHttp2Stream,
    readonly headers: IncomingHttpHeaders,
    private readonly options: GrpcTransportOptions,
    private readonly routes: ReadonlyMap<string, Route>,
    private readonly stopping: AbortSignal,
  ) {
    this.method = String(headers[HTTP2_HEADER_PATH]);
    this.peer = stream.session?.socket.remoteAddress ?? 'unknown';
    this.requestId = requestId(headers['x-request-id']);
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  async run(): Promise<void> {
    const stop = () => {
      this.abort.abort(this.stopping.reason);
    };
    let release: (() => void) | undefined;
    try {
      this.watch(stop);
      const route = this.routes.get(this.method);
      if (!route) {
        throw new StatusError(status.UNIMPLEMENTED, `there is no method ${this.method} here`);
      }
      release = this.options.admit(this);
      await this.untilAborted(this.answer(route));
      this.end(status.OK, '');
    } catch (error) {
      const { code, message } = statusOf(error);
      this.end(code, message, error instanceof StatusError ? undefined : error);
    } finally {
      clearTimeout(this.deadline);
      this.stopping.removeEventListener('abort', stop);
      release?.();
    }
  }

  private watch(stop: () => void): void {
    this.stopping.addEventListener('abort', stop);
    this.stream.on('close', () => {
      if (!this.ended) {
        this.abort.abort(new StatusError(status.CANCELLED, 'the caller cancelled'));
      }
    });
    const timeout = parseTimeout(this.headers['grpc-timeout']);
    if (timeout !== undefined) {
      this.deadline = setTimeout(() => {
        this.abort.abort(
          new StatusError(
            status.DEADLINE_EXCEEDED,
            `the deadline of ${timeout} ms passed; raise it, or send fewer images in one call`,
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
    const request = await this.singleRequest(definition);
    const answer = await (handler as UnaryHandler<object, object>)(request, this);
    if (!this.signal.aborted) {
      await this.write(definition.responseSerialize(answer));
    }
  }

  private singleRequest(definition: MethodDefinition<object, object>): Promise<object> {
    const decoder = new MessageDecoder(this.options.maxMessageBytes);
    return new Promise((resolve, reject) => {
      let message: Promise<object> | undefined;
      this.stream.on('data', (chunk: Buffer) => {
        try {
          for (const wire of decoder.push(chunk)) {
            if (message) {
              throw new StatusError(status.UNIMPLEMENTED, `${this.method} takes one message; more were sent`);
            }
            message = this.parse(definition, wire);
            message.catch(ignore);
          }
        } catch (error) {
          this.stream.removeAllListeners('data');
          reject(error as Error);
        }
      });
      this.stream.on('end', () => {
        if (message && decoder.complete) {
          resolve(message);
        } else {
          reject(new StatusError(status.INVALID_ARGUMENT, 'the request ended before its message was whole'));
        }
      });
    });
  }

  private async *requests(definition: MethodDefinition<object, object>): AsyncGenerator<object> {
    const decoder = new MessageDecoder(this.options.maxMessageBytes);
    for await (const chunk of this.stream as AsyncIterable<Buffer>) {
      for (const wire of decoder.push(chunk)) {
        yield await this.parse(definition, wire);
      }
    }
  }

  private async parse(
    definition: MethodDefinition<object, object>,
    wire: { compressed: boolean; bytes: Buffer },
  ): Promise<object> {
    const encoding = String(this.headers['grpc-encoding'] ?? 'identity');
    const bytes = await decompress(wire, encoding, this.options.maxMessageBytes);
    try {
      return definition.requestDeserialize(bytes);
    } catch (error) {
      throw new StatusError(
        status.INVALID_ARGUMENT,
        `the message is no request of ${this.method} (${(error as Error).message})`,
        { cause: error },
      );
    }
  }

  private async write(message: Uint8Array): Promise<void> {
    if (this.stream.destroyed) {
      return;
    }
    if (!this.stream.headersSent) {
      this.stream.respond(
        { ...this.responseHeaders(), 'grpc-accept-encoding': ACCEPTED_ENCODINGS },
        { waitForTrailers: true },
      );
    }
    if (!this.stream.write(frame(message))) {
      await new Promise<void>((resolve) => {
        this.stream.once('drain', resolve);
        this.stream.once('close', resolve);
      });
    }
  }

  private untilAborted(work: Promise<void>): Promise<void> {
    work.catch(ignore);
    return new Promise((resolve, reject) => {
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

  private end(code: status, message: string, failure?: unknown): void {
    this.ended = true;
    const outcome = { status: code, message, durationMs: performance.now() - this.startedAt, failure };
    const { stream } = this;
    if (!stream.destroyed && !stream.closed) {
      const trailers = {
        'grpc-status': String(code),
        ...(message && { 'grpc-message': encodeMessage(message) }),
      };
      if (stream.headersSent) {
        stream.once('wantTrailers', () => {
          stream.sendTrailers(trailers);
        });
        stream.end();
      } else {
        stream.respond({ ...this.responseHeaders(), ...trailers }, { endStream: true });
        if (!stream.readableEnded) {
          // The caller is still sending what nobody will read.
          stream.close(code === status.CANCELLED ? NGHTTP2_CANCEL : NGHTTP2_NO_ERROR);
        }
      }
    }
    this.options.onCallEnd(this, outcome);
  }

  private responseHeaders(): http2.OutgoingHttpHeaders {
    return {
      [HTTP2_HEADER_STATUS]: 200,
      [HTTP2_HEADER_CONTENT_TYPE]: GRPC_CONTENT_TYPE,
      'x-request-id': this.requestId,
    };
  }
}

function secureContext(tls: TlsContext): { cert: string; key: string } {
  return { cert: tls.certificate, key: tls.privateKey };
}

function statusOf(error: unknown): { code: status; message: string } {
  if (error instanceof StatusError) {
    return { code: error.status, message: error.message };
  }
  // What went wrong inside is for the log, not for the caller.
  return { code: status.INTERNAL, message: 'the server failed; its log has the cause under this request id' };
}

/** `grpc-timeout`: up to eight digits and a unit. @returns milliseconds */
function parseTimeout(header: string | string[] | undefined): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(String(header ?? ''));
  if (!match) {
    return undefined;
  }
  const unit = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }[match[2] as 'H'];
  // setTimeout fires at once when it is asked for more than 24.8 days.
  return Math.min(Math.ceil(Number(match[1]) * unit), 2 ** 31 - 1);
}

/** `grpc-message` is percent-encoded UTF-8. */
function encodeMessage(message: string): string {
  return encodeURIComponent(message).replace(/%(20|2C|3A|3B|22|5B|5D|2F|40|3D|2B|24|26|3F)/g, (escape) =>
    decodeURIComponent(escape),
  );
}

function requestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\w.:-]{1,128}$/.test(header) ? header : randomUUID();
}

function ignore(): void {
  // The call's or the session's own end says what happened.
}
