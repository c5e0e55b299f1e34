import type { Server as Http1Server } from 'node:http';
import type { Http2Server } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';

/**
 * First bytes of the connection preface of HTTP/2, which no request line of HTTP/1.1 starts with: `PROPFIND` differs in the third.
 * @see https://www.rfc-editor.org/rfc/rfc9113#name-http-2-connection-preface
 */
const HTTP2_PREFACE = Buffer.from('PRI', 'latin1');

/** Servers behind a plaintext listener. They do not listen themselves. */
export interface PlaintextServers {
  readonly http1: Http1Server;
  readonly http2: Http2Server;
  /** Milliseconds for the first bytes of a connection, after which it is closed. */
  readonly greetingMs: number;
}

/**
 * Creates a listener for HTTP/1.1 and HTTP/2 on one plaintext port. It tells the protocol of each connection from its first bytes
 * and hands the connection to the server of that protocol.
 */
export function createPlaintextListener({ http1, http2, greetingMs }: PlaintextServers): Server {
  const listener = createServer({ noDelay: true });
  listener.on('connection', (socket: Socket) => {
    onGreeting(socket, greetingMs, (greeting) => {
      if (greeting.equals(HTTP2_PREFACE)) {
        http2.emit('connection', socket);
      } else {
        // As in Node's own HTTP/1.1 server: a client may close its half of the connection after a request.
        socket.allowHalfOpen = true;
        http1.emit('connection', socket);
        socket.resume();
      }
    });
  });
  // Node enforces the time limits for requests only on a server that has started to listen.
  listener.on('listening', () => http1.emit('listening'));
  listener.on('close', () => http1.close());
  return listener;
}

/** Waits for the bytes that tell the protocol. The socket is then paused, and still has all of its data. */
function onGreeting(socket: Socket, limitMs: number, decide: (greeting: Buffer) => void): void {
  let received: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => {
    socket.destroy();
  }, limitMs);
  const stop = () => {
    clearTimeout(timer);
    socket.off('data', onData).off('end', onEnd).off('close', stop).off('error', ignore);
  };
  const onEnd = () => {
    socket.destroy();
  };
  const onData = (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const greeting = received.subarray(0, HTTP2_PREFACE.length);
    if (greeting.length < HTTP2_PREFACE.length && HTTP2_PREFACE.indexOf(greeting) === 0) {
      return;
    }
    stop();
    socket.pause();
    socket.unshift(received);
    decide(greeting);
  };
  socket.on('data', onData).on('end', onEnd).on('close', stop).on('error', ignore);
}

function ignore(): void {
  // A connection that breaks before its first request has nobody to report to.
}
