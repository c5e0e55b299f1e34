import {
  createServer as createHttp1Server,
  type IncomingMessage,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import http2, { type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

import type { ServiceDefinition } from '../../wire/proto/method-definition';
import { GrpcStatus as status } from '../../errors/grpc-status';
import type { CallContext, CallOutcome } from './call-context';
import { limitAge, whenOld, type ConnectionAge } from './connection-age';
import { GrpcCall, type Route } from './grpc-call';
import { answerPreflight } from './cors';
import { grpcWebRoute, isGrpcWeb } from './grpc-web';
import { HttpCall, type HttpRouter } from './http-call';
import { HttpError } from './http-error';
import { Http1Exchange, Http2Exchange, type Connection, type HttpExchange } from './http-exchange';
import { MessageMemory } from './message-memory';
import { handshakeMsOf, requireGreeting, transferMsOf, type PeerTimeouts } from './peer-timeouts';
import { createPlaintextListener } from './plaintext-listener';
import { limitResets, streamResetOptions } from './reset-limit';
import { keepAlive, type KeepAliveOptions } from './session-keep-alive';
import { StatusError } from '../status-error';
import { createTlsListener } from './tls-listener';
import { secureContextOptions, type TlsContext } from '../../serving/tls-policy';

export type { CallContext, CallOutcome } from './call-context';
export type { PeerTimeouts } from './peer-timeouts';
export type { KeepAliveOptions } from './session-keep-alive';

/*
 * gRPC over node:http2. The server of grpc-js cannot enlarge its 64 KB flow-control window, so a 602 kB request over a
 * 40 ms round trip takes 14 times as long as necessary, and it cannot replace its certificate while listening. Connect
 * needs generated code of its own. See bench/ for the comparison.
 */

const { HTTP2_HEADER_CONTENT_TYPE, HTTP2_HEADER_METHOD } = http2.constants;

const WINDOW_BYTES = 4 * 1024 * 1024;
/** As in Node's HTTP/2. */
const MAX_HEADERS = 128;
/** Longer than load balancers keep idle connections, so that they never send a request on one that is being closed. */
const IDLE_MS = 75_000;
/** Time for a connection without calls to close after GOAWAY. */
const LINGER_MS = 1000;

export interface TransportOptions {
  /** Returns the maximum size in bytes of a message to a method. Called for each call. */
  readonly maxMessageBytes: (method: string) => number;
  /** Messages for methods without a handler, by path, that say what to call instead. @default - one message for all */
  readonly unimplemented?: ReadonlyMap<string, string> | undefined;
  /** Returns further initial metadata for each call. @default - none */
  readonly metadata?: (() => Readonly<Record<string, string>>) | undefined;
  /** @default - plaintext */
  readonly tls?: TlsContext | undefined;
  /**
   * Admits a call based on its headers, before any of the message is read. Throws or rejects with a `StatusError` to refuse
   * it. The returned function is called when the call has ended.
   */
  readonly admit: (call: CallContext) => (() => void) | Promise<never>;
  readonly onCallEnd: (call: CallContext, outcome: CallOutcome) => void;
  /** Serves requests that are not gRPC. @default - they are refused */
  readonly http?: HttpRouter | undefined;
  /** Returns the origins whose pages may call: `https://app.example.com`, or `*` for all. @default - none */
  readonly allowedOrigins?: (() => readonly string[]) | undefined;
  readonly keepAlive?: KeepAliveOptions | undefined;
  readonly timeouts?: PeerTimeouts | undefined;
  /** Returns the maximum age of a connection. Called for each connection. @default - unlimited */
  readonly connectionAge?: (() => ConnectionAge | undefined) | undefined;
}

/** Server of gRPC and HTTP on one port: unary and streaming methods, deadlines, cancellation, compressed requests, draining. */
export class ServerTransport {
  private readonly routes = new Map<string, Route>();
  private readonly memory = new MessageMemory();
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly sockets = new Set<Socket>();
  private readonly listener: Server;
  private readonly calls = new Set<GrpcCall | HttpCall>();
  /** Connections over HTTP/1.1 that have reached their maximum age. */
  private readonly oldSockets = new WeakSet<Socket>();
  private streams = 0;
  private draining = false;
  private lingering: NodeJS.Timeout | undefined;

  constructor(private readonly options: TransportOptions) {
    const settings: http2.ServerOptions = {
      settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: 2048 },
      // Node's default of 10 MB refuses streams while a few dozen requests are being received.
      maxSessionMemory: 1024,
      ...streamResetOptions,
    };
    const second = http2.createServer(settings);
    const first = createHttp1Server(http1Settings(options.timeouts));
    first.maxHeadersCount = MAX_HEADERS;
    const servers = { http1: first, http2: second, greetingMs: handshakeMsOf(options.timeouts) };
    this.listener = options.tls ? createTlsListener(servers, options.tls) : createPlaintextListener(servers);
    this.listener.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    second.on('session', (session: ServerHttp2Session) => {
      this.track(session);
    });
    second.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      this.serve(stream, headers);
    });
    // An error caused by a peer (a reset, a broken handshake) ends only that peer's session or stream.
    second.on('sessionError', ignore);
    first.on('connection', (socket: Socket) => {
      this.trackFirst(socket);
    });
    first.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.serveFirst(request, response, false);
    });
    // A client that sends `Expect: 100-continue` receives a refusal before it sends a large body.
    first.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      this.serveFirst(request, response, true);
    });
  }

  /** Adds a service. Handlers are keyed by the method name in the proto file. */
  addService(service: ServiceDefinition, handlers: object): void {
    const byName = new Map(Object.entries(handlers) as [string, Route['handler']][]);
    for (const [name, definition] of Object.entries(service)) {
      const handler = byName.get(name);
      if (handler) {
        this.routes.set(definition.path, {
          definition,
          handler,
        });
      }
    }
  }

  private readonly router: HttpRouter = (verb, path, headers) => {
    const { 'content-type': contentType } = headers;
    return verb === 'POST' && isGrpcWeb(contentType)
      ? grpcWebRoute(path, contentType, this.routes.get(path), this.options.maxMessageBytes(path))
      : (this.options.http ?? refuseHttp)(verb, path, headers);
  };

  /** Starts listening. @returns the port, which is assigned by the system if 0 was requested */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.listener.once('error', reject);
      this.listener.listen(port, host, () => {
        this.listener.removeListener('error', reject);
        // Later errors concern a single connection that could not be accepted. Its peer retries.
        this.listener.on('error', ignore);
        resolve();
      });
    });
    return (this.listener.address() as AddressInfo).port;
  }

  /**
   * Replaces the certificate for new connections. Open connections keep theirs.
   * @throws if the certificate and the key do not match; the previous pair stays in use
   */
  replaceCertificate(tls: TlsContext): void {
    if (this.listener instanceof TlsServer) {
      this.listener.setSecureContext(secureContextOptions(tls));
    }
  }

  /**
   * Refuses new connections and calls, and resolves when the calls in flight have ended. After the grace period it ends the
   * remaining calls with UNAVAILABLE.
   * @returns whether all calls ended within the grace period
   */
  async drain(graceMs: number): Promise<boolean> {
    this.draining = true;
    const closed = this.closeServer();
    for (const session of this.sessions) {
      session.close();
    }
    this.lingerWhenIdle();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.endAll();
    }, graceMs);
    await closed;
    clearTimeout(timer);
    clearTimeout(this.lingering);
    return !late;
  }

  /** Ends all calls, and resolves when every connection is closed. */
  async destroy(): Promise<void> {
    const closed = this.closeServer();
    this.endAll();
    await closed;
  }

  private closeServer(): Promise<void> {
    return new Promise((resolve) => {
      this.listener.close(() => {
        resolve();
      });
    });
  }

  private endAll(): void {
    for (const call of this.calls) {
      call.stop(new StatusError(status.UNAVAILABLE, 'the server is shutting down; retry the call'));
    }
    for (const session of this.sessions) {
      session.destroy();
    }
    this.destroySockets();
  }

  private endCallsOf(connection: Connection): void {
    for (const call of this.calls) {
      if (call.connection === connection) {
        call.stop(
          new StatusError(status.UNAVAILABLE, 'the connection reached its maximum age; retry the call'),
        );
      }
    }
  }

  private track(session: ServerHttp2Session): void {
    session.setLocalWindowSize(WINDOW_BYTES);
    this.sessions.add(session);
    session.on('close', () => this.sessions.delete(session));
    session.on('error', ignore);
    keepAlive(session, this.options.keepAlive);
    limitResets(session);
    requireGreeting(session, this.options.timeouts);
    const age = this.options.connectionAge?.();
    if (age) {
      limitAge(session, age, () => {
        this.endCallsOf(session);
      });
    }
    if (this.draining) {
      session.close();
    }
  }

  /** HTTP/1.1 has no GOAWAY: the last response on a connection says that it is the last one. */
  private trackFirst(socket: Socket): void {
    const age = this.options.connectionAge?.();
    if (age) {
      whenOld(socket, age, {
        close: () => this.oldSockets.add(socket),
        endCalls: () => {
          this.endCallsOf(socket);
        },
      });
    }
  }

  private serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', ignore);
    this.begin(stream);
    if (headers[HTTP2_HEADER_METHOD] === 'POST' && isGrpc(headers[HTTP2_HEADER_CONTENT_TYPE])) {
      this.run(new GrpcCall(stream, headers, this.options, this.routes, this.memory));
    } else {
      this.serveHttp(new Http2Exchange(stream, headers));
    }
  }

  private serveFirst(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    this.begin(response);
    const { socket } = request;
    const isLast = () => this.draining || this.oldSockets.has(socket);
    this.serveHttp(new Http1Exchange(request, response, expectsContinue, isLast));
  }

  private serveHttp(exchange: HttpExchange): void {
    if (!answerPreflight(exchange, this.options.allowedOrigins?.())) {
      this.run(new HttpCall(exchange, this.options, this.router));
    }
  }

  private run(call: GrpcCall | HttpCall): void {
    this.calls.add(call);
    void call.run().finally(() => this.calls.delete(call));
  }

  /** Counts a stream or a response until it is closed. */
  private begin(exchange: ServerHttp2Stream | ServerResponse): void {
    this.streams += 1;
    exchange.on('close', () => {
      this.streams -= 1;
      this.lingerWhenIdle();
    });
  }

  /** Destroys idle connections: a peer that does not close its connection must not delay the shutdown. */
  private lingerWhenIdle(): void {
    clearTimeout(this.lingering);
    if (this.draining && this.streams === 0) {
      this.lingering = setTimeout(() => {
        this.destroySockets();
      }, LINGER_MS);
    }
  }

  private destroySockets(): void {
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }
}

function isGrpc(contentType: string | string[] | undefined): boolean {
  return /^application\/grpc(\+proto)?\s*(;|$)/i.test(String(contentType));
}

function refuseHttp(): never {
  throw new HttpError(
    415,
    status.UNIMPLEMENTED,
    'this port serves only gRPC; POST application/grpc, or use a gRPC client',
  );
}

function http1Settings(timeouts?: PeerTimeouts): ServerOptions {
  const headersTimeout = handshakeMsOf(timeouts);
  return {
    headersTimeout,
    requestTimeout: headersTimeout + transferMsOf(timeouts),
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: Math.min(headersTimeout, 1000),
  };
}

function ignore(): void {
  // The outcome of the call or the end of the session reports the error.
}
