import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import http2, { type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

import { endAfterRequest } from '../../serving/unread-request';

const { NGHTTP2_NO_ERROR } = http2.constants;

/** Connection of an exchange. */
export type Connection = Http2Session | Socket;

/** An HTTP request and its response, over HTTP/1.1 or HTTP/2. */
export interface HttpExchange {
  readonly verb: string;
  /** Path with its query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly connection: Connection | undefined;
  readonly peer: string;
  readonly body: Readable;
  /** Whether the response can no longer be sent. */
  readonly closed: boolean;
  /** Invites a client to send the body that it announced with `Expect: 100-continue`. */
  acceptBody(): void;
  /** Sends status and headers. */
  respond(status: number, headers: Readonly<Record<string, string>>): void;
  /** Sends a part of the body. @returns false if the caller should wait until it has been read */
  write(chunk: Uint8Array): boolean;
  /** Ends the response. The rest of the request, if any, is discarded. */
  end(): void;
  /** Breaks off the response. */
  abort(): void;
  /** Closes the connection once its calls have ended. */
  hangUp(): void;
  /** @param listener called when the exchange has ended in any way */
  onClose(listener: () => void): void;
  /** Resolves when more can be written, or the exchange has ended. */
  drained(): Promise<void>;
}

/** A request over HTTP/2. */
export class Http2Exchange implements HttpExchange {
  constructor(
    private readonly stream: ServerHttp2Stream,
    readonly headers: IncomingHttpHeaders,
  ) {}

  get verb(): string {
    return String(this.headers[':method']);
  }

  get target(): string {
    return String(this.headers[':path']);
  }

  get connection(): Http2Session | undefined {
    return this.stream.session;
  }

  get peer(): string {
    return this.stream.session?.socket.remoteAddress ?? 'unknown';
  }

  get body(): Readable {
    return this.stream;
  }

  get closed(): boolean {
    return this.stream.destroyed || this.stream.closed;
  }

  acceptBody(): void {
    if (this.headers.expect?.toLowerCase() === '100-continue') {
      this.stream.additionalHeaders({ ':status': 100 });
    }
  }

  respond(status: number, headers: Readonly<Record<string, string>>): void {
    this.stream.respond({ ':status': status, ...headers });
  }

  write(chunk: Uint8Array): boolean {
    return this.stream.write(chunk);
  }

  end(): void {
    const { stream } = this;
    stream.end(() => {
      stopRequest(stream);
    });
    stream.resume();
  }

  abort(): void {
    this.stream.close(http2.constants.NGHTTP2_CANCEL);
  }

  hangUp(): void {
    this.stream.session?.close();
  }

  onClose(listener: () => void): void {
    this.stream.on('close', listener);
  }

  drained(): Promise<void> {
    return drained(this.stream);
  }
}

/** A request over HTTP/1.1. */
export class Http1Exchange implements HttpExchange {
  readonly connection: Socket;
  readonly peer: string;

  /**
   * @param expectsContinue whether the client waits for permission to send the body
   * @param isLast whether the connection must be closed after this response
   */
  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly expectsContinue: boolean,
    private readonly isLast: () => boolean,
  ) {
    this.connection = request.socket;
    this.peer = request.socket.remoteAddress ?? 'unknown';
    response.on('error', ignore);
    request.on('error', ignore);
  }

  get verb(): string {
    return this.request.method ?? '';
  }

  get target(): string {
    return this.request.url ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  get body(): Readable {
    return this.request;
  }

  get closed(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  acceptBody(): void {
    if (this.expectsContinue) {
      this.response.writeContinue();
    }
  }

  respond(status: number, headers: Readonly<Record<string, string>>): void {
    // A client that is refused while it is sending may send the rest anyway. It would be read as the next request.
    if (this.isLast() || !this.request.complete) {
      this.hangUp();
    }
    this.response.writeHead(status, headers);
  }

  write(chunk: Uint8Array): boolean {
    return this.response.write(chunk);
  }

  end(): void {
    endAfterRequest(this.request, this.response, this.expectsContinue);
  }

  abort(): void {
    this.response.destroy();
  }

  hangUp(): void {
    if (!this.response.headersSent) {
      this.response.setHeader('connection', 'close');
    }
  }

  onClose(listener: () => void): void {
    this.response.on('close', listener);
  }

  drained(): Promise<void> {
    return drained(this.response);
  }
}

/** Resolves when more can be written to a stream, or it is closed. */
export function drained(stream: ServerHttp2Stream | ServerResponse): Promise<void> {
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

/**
 * Resets an answered stream if its client is still sending a request that nobody reads.
 *
 * Waits for the next turn. In the same one, the reset would overtake the trailers. It could also happen in a callback of nghttp2,
 * and `node:http2` sends a reset other than CANCEL from there at once: nghttp2 then frees streams that it still uses, and ends the
 * process later.
 */
export function stopRequest(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) {
    return;
  }
  setImmediate(() => {
    if (!stream.readableEnded) {
      stream.close(NGHTTP2_NO_ERROR);
    }
  });
}

function ignore(): void {
  // The outcome of the call reports the error.
}
