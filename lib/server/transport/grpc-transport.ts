import http2, { type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';

import { status, type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';

import { GrpcCall, type CallContext, type CallOutcome, type Route } from './grpc-call';
import { handshakeMsOf, requireGreeting, type PeerTimeouts } from './peer-timeouts';
import { limitResets, streamResetOptions } from './reset-limit';
import { keepAlive, type KeepAliveOptions } from './session-keep-alive';
import { StatusError } from '../status-error';
import { tlsPolicy } from '../tls-policy';

export type { CallContext, CallOutcome } from './grpc-call';
export type { PeerTimeouts } from './peer-timeouts';
export type { KeepAliveOptions } from './session-keep-alive';

/*
 * gRPC over node:http2. grpc-js's own server cannot widen its 64 KB flow-control window, which makes a 602 kB
 * request over a 40 ms round trip take 14 times as long as it needs to, nor replace its certificate while it
 * listens; Connect needs generated code of its own beside proto-loader's. bench/ holds the comparison.
 */

const { HTTP2_HEADER_STATUS, HTTP2_HEADER_CONTENT_TYPE, HTTP2_HEADER_METHOD } = http2.constants;

const WINDOW_BYTES = 4 * 1024 * 1024;
/** How long a connection without calls may take to close after it was asked to. */
const LINGER_MS = 1000;

/** The certificate that a server shows, and its key. */
export interface TlsContext {
  /** The certificate and its chain, PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
}

export interface GrpcTransportOptions {
  /** Bytes of one message to a method; asked for at each call. */
  readonly maxMessageBytes: (method: string) => number;
  /** @default - plaintext */
  readonly tls?: TlsContext;
  /**
   * Decides by the headers alone, before a byte of the message is read, whether a call goes on; throws a
   * `StatusError` where it does not, at once or later. What it returns is called when the call has ended.
   */
  readonly admit: (call: CallContext) => (() => void) | Promise<never>;
  readonly onCallEnd: (call: CallContext, outcome: CallOutcome) => void;
  readonly keepAlive?: KeepAliveOptions;
  readonly timeouts?: PeerTimeouts;
}

/** A gRPC server: unary and streaming methods, deadlines, cancellation, compressed requests, draining. */
export class GrpcTransport {
  private readonly routes = new Map<string, Route>();
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly sockets = new Set<Socket>();
  private readonly server: http2.Http2Server | http2.Http2SecureServer;
  private readonly calls = new Set<GrpcCall>();
  private streams = 0;
  private draining = false;
  private lingering: NodeJS.Timeout | undefined;

  constructor(private readonly options: GrpcTransportOptions) {
    const settings: http2.ServerOptions = {
      settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: 2048 },
      // Node's 10 MB would refuse streams while a few dozen requests are on their way in.
      maxSessionMemory: 1024,
      ...streamResetOptions,
    };
    this.server = options.tls
      ? http2.createSecureServer({
          ...settings,
          ...secureContext(options.tls),
          handshakeTimeout: handshakeMsOf(options.timeouts),
        })
      : http2.createServer(settings);
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
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
        this.routes.set(definition.path, {
          definition: definition as MethodDefinition<object, object>,
          handler,
        });
      }
    }
  }

  /** Listens. @returns the port, which differs from the one asked for when that is 0 */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.removeListener('error', reject);
        // Later ones are of a connection that could not be accepted; its peer tries again.
        this.server.on('error', ignore);
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

  /**
   * Takes no new connection and no new call, and resolves when those that run have ended or the time is over,
   * which ends them with UNAVAILABLE.
   * @returns whether all ended by themselves
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

  /** Ends what is still running, and resolves when everything is closed. */
  async destroy(): Promise<void> {
    const closed = this.closeServer();
    this.endAll();
    await closed;
  }

  private closeServer(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private endAll(): void {
    for (const call of this.calls) {
      call.stop(new StatusError(status.UNAVAILABLE, 'the server has stopped; try again'));
    }
    for (const session of this.sessions) {
      session.destroy();
    }
    this.destroySockets();
  }

  private track(session: ServerHttp2Session): void {
    session.setLocalWindowSize(WINDOW_BYTES);
    this.sessions.add(session);
    session.on('close', () => this.sessions.delete(session));
    session.on('error', ignore);
    keepAlive(session, this.options.keepAlive);
    limitResets(session);
    requireGreeting(session, this.options.timeouts);
    if (this.draining) {
      session.close();
    }
  }

  private serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', ignore);
    this.streams += 1;
    stream.on('close', () => {
      this.streams -= 1;
      this.lingerWhenIdle();
    });
    if (headers[HTTP2_HEADER_METHOD] !== 'POST' || !isGrpc(headers[HTTP2_HEADER_CONTENT_TYPE])) {
      stream.respond({ [HTTP2_HEADER_STATUS]: 415, [HTTP2_HEADER_CONTENT_TYPE]: 'text/plain' });
      stream.end('This is a gRPC server: POST application/grpc, or use a gRPC client.\n');
      // Its body is of no interest, but a reset could overtake the answer.
      stream.resume();
      return;
    }
    const call = new GrpcCall(stream, headers, this.options, this.routes);
    this.calls.add(call);
    void call.run().finally(() => this.calls.delete(call));
  }

  /** A peer that does not close its connection, or never began to speak, must not hold up a server that stops. */
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

function secureContext(tls: TlsContext): SecureContextOptions {
  return { ...tlsPolicy, cert: tls.certificate, key: tls.privateKey };
}

function ignore(): void {
  // The call's or the session's own end says what happened.
}
