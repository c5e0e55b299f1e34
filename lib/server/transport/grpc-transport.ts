import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from 'node:http';
import http2, { type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';

import { status, type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';

import { limitAge, type ConnectionAge } from './connection-age';
import { GrpcCall, type CallContext, type CallOutcome, type Route } from './grpc-call';
import { handshakeMsOf, requireGreeting, transferMsOf, type PeerTimeouts } from './peer-timeouts';
import { createPlaintextListener } from './plaintext-listener';
import { limitResets, streamResetOptions } from './reset-limit';
import { keepAlive, type KeepAliveOptions } from './session-keep-alive';
import { StatusError } from '../status-error';
import { secureContextOptions, type TlsContext } from '../../serving/tls-policy';

export type { CallContext, CallOutcome } from './grpc-call';
export type { PeerTimeouts } from './peer-timeouts';
export type { KeepAliveOptions } from './session-keep-alive';

/*
 * gRPC over node:http2. The server of grpc-js cannot enlarge its 64 KB flow-control window, so a 602 kB request over a
 * 40 ms round trip takes 14 times as long as necessary, and it cannot replace its certificate while listening. Connect
 * needs its own generated code in addition to proto-loader's. See bench/ for the comparison.
 */

const { HTTP2_HEADER_STATUS, HTTP2_HEADER_CONTENT_TYPE, HTTP2_HEADER_METHOD } = http2.constants;

const WINDOW_BYTES = 4 * 1024 * 1024;
const REFUSAL = 'This is a gRPC server: POST application/grpc, or use a gRPC client.\n';
/** Time for a connection without calls to close after GOAWAY. */
const LINGER_MS = 1000;

export interface GrpcTransportOptions {
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
  /** Answers HTTP/1.1 requests on a plaintext port. @default - tells that this is a gRPC server */
  readonly onHttp1Request?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  readonly keepAlive?: KeepAliveOptions | undefined;
  readonly timeouts?: PeerTimeouts | undefined;
  /** Returns the maximum age of a connection. Called for each connection. @default - unlimited */
  readonly connectionAge?: (() => ConnectionAge | undefined) | undefined;
}

/** gRPC server: unary and streaming methods, deadlines, cancellation, compressed requests, draining. */
export class GrpcTransport {
  private readonly routes = new Map<string, Route>();
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly sockets = new Set<Socket>();
  private readonly server: http2.Http2Server | http2.Http2SecureServer;
  /** Accepts the connections. With TLS, this is `server` itself. */
  private readonly listener: Server;
  private readonly calls = new Set<GrpcCall>();
  private streams = 0;
  private draining = false;
  private lingering: NodeJS.Timeout | undefined;

  constructor(private readonly options: GrpcTransportOptions) {
    const settings: http2.ServerOptions = {
      settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: 2048 },
      // Node's default of 10 MB refuses streams while a few dozen requests are being received.
      maxSessionMemory: 1024,
      ...streamResetOptions,
    };
    if (options.tls) {
      this.server = http2.createSecureServer({
        ...settings,
        ...secureContextOptions(options.tls),
        handshakeTimeout: handshakeMsOf(options.timeouts),
      });
      this.listener = this.server;
    } else {
      this.server = http2.createServer(settings);
      this.listener = this.createPlaintextListener(this.server);
    }
    this.listener.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.server.on('session', (session: ServerHttp2Session) => {
      this.track(session);
    });
    this.server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      this.serve(stream, headers);
    });
    // An error caused by a peer (a reset, a broken handshake) ends only that peer's session or stream.
    this.server.on('sessionError', ignore);
  }

  /** Adds a service definition from proto-loader. Handlers are keyed by the method name in the proto file. */
  addService(service: ServiceDefinition, handlers: object): void {
    const byName = new Map(Object.entries(handlers) as [string, Route['handler']][]);
    for (const [name, definition] of Object.entries(service)) {
      const handler = byName.get(name);
      if (handler) {
        this.routes.set(definition.path, {
          definition: definition as MethodDefinition<object, object>,
          handler,
        });
      }
    }
  }

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
    if ('setSecureContext' in this.server) {
      this.server.setSecureContext(secureContextOptions(tls));
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

  private createPlaintextListener(server: http2.Http2Server): Server {
    const { timeouts, onHttp1Request = refuseHttp1 } = this.options;
    const requestTimeout = transferMsOf(timeouts);
    const headersTimeout = Math.min(handshakeMsOf(timeouts), requestTimeout);
    const http1 = createHttp1Server({ headersTimeout, requestTimeout });
    http1.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.begin(response);
      if (this.draining) {
        response.setHeader('connection', 'close');
      }
      onHttp1Request(request, response);
    });
    return createPlaintextListener({ http1, http2: server, greetingMs: handshakeMsOf(timeouts) });
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

  private endCallsOf(session: ServerHttp2Session): void {
    for (const call of this.calls) {
      if (call.session === session) {
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

  /** Counts a stream or a response until it is closed. */
  private begin(exchange: ServerHttp2Stream | ServerResponse): void {
    this.streams += 1;
    exchange.on('close', () => {
      this.streams -= 1;
      this.lingerWhenIdle();
    });
  }

  private serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', ignore);
    this.begin(stream);
    if (headers[HTTP2_HEADER_METHOD] !== 'POST' || !isGrpc(headers[HTTP2_HEADER_CONTENT_TYPE])) {
      stream.respond({ [HTTP2_HEADER_STATUS]: 415, [HTTP2_HEADER_CONTENT_TYPE]: 'text/plain' });
      stream.end(REFUSAL);
      // Drain the body: a reset could overtake the response.
      stream.resume();
      return;
    }
    const call = new GrpcCall(stream, headers, this.options, this.routes);
    this.calls.add(call);
    void call.run().finally(() => this.calls.delete(call));
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

function refuseHttp1(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(415, { 'content-type': 'text/plain' });
  response.end(REFUSAL);
  request.resume();
}

function ignore(): void {
  // The outcome of the call or the end of the session reports the error.
}
