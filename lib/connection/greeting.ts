import type { Socket } from 'node:net';

import { nextEvent, type SocketFailure } from './socket-event';

/** Application protocol of a connection, as its ALPN name. */
export type Application = 'h2' | 'http/1.1';

/** First bytes that a client sends after connecting. */
export type GreetingStage = 'HTTP/2 handshake' | 'HTTP request';

/** Response of a server to the greeting of a client. */
export type GreetingAnswer =
  /** The server speaks the same protocol. `said` is the first line of its response, if any. */
  | { readonly kind: 'ready'; readonly said: string }
  /** The server responded with TLS to a plaintext greeting. */
  | { readonly kind: 'tls-server' }
  /** The server speaks another protocol. `said` is the printable part of its first line. */
  | { readonly kind: 'other-protocol'; readonly said: string }
  | { readonly kind: 'closed'; readonly stage: GreetingStage }
  | { readonly kind: 'timed-out'; readonly stage: 'HTTP/2 handshake'; readonly afterMs: number };

// RFC 9113, section 3.4: the client connection preface with an empty SETTINGS frame.
const http2Greeting = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
// RFC 9110, section 9.3.7: addresses the server as a whole, not a service behind it.
const http1Greeting = Buffer.from(
  'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'latin1',
);
/** Milliseconds within which a server rejects a connection that it does not want. */
const COMPLAINT_MS = 1_000;
const SETTINGS_FRAME = 4;
const GO_AWAY_FRAME = 7;
const TLS_ALERT = 0x15;

/**
 * Sends the client's greeting, reads the start of the response, and closes the connection.
 * @param deadline milliseconds since the epoch
 */
export async function greet(
  socket: Socket,
  application: Application,
  deadline: number,
): Promise<GreetingAnswer | SocketFailure> {
  const started = Date.now();
  const overHttp2 = application === 'h2';
  const stage = overHttp2 ? 'HTTP/2 handshake' : 'HTTP request';
  socket.write(overHttp2 ? http2Greeting : http1Greeting);
  const event = await nextEvent(
    socket,
    ['data'],
    overHttp2 ? deadline : Math.min(deadline, started + COMPLAINT_MS),
  );
  socket.destroy();
  switch (event.kind) {
    case 'timeout':
      // HTTP/1.1 has no handshake, and the request may be queued.
      return overHttp2
        ? { kind: 'timed-out', stage: 'HTTP/2 handshake', afterMs: Date.now() - started }
        : { kind: 'ready', said: '' };
    case 'error':
      return event;
    case 'data':
      return readAnswer(event.bytes, application);
    default:
      return { kind: 'closed', stage };
  }
}

function readAnswer(bytes: Buffer, application: Application): GreetingAnswer {
  if (bytes[0] === TLS_ALERT && bytes[1] === 3) {
    return { kind: 'tls-server' };
  }
  if (isHttp2(bytes)) {
    return application === 'h2'
      ? { kind: 'ready', said: '' }
      : { kind: 'other-protocol', said: 'an HTTP/2 frame' };
  }
  const [line = ''] = bytes.toString('latin1').split(/\r?\n/);
  const said = line.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
  return {
    kind: application === 'http/1.1' && said.startsWith('HTTP/1.') ? 'ready' : 'other-protocol',
    said,
  };
}

function isHttp2(bytes: Buffer): boolean {
  const frame = bytes[3];
  // The frame type follows the length, whose first byte is 0 in short frames.
  return bytes[0] === 0 && (frame === SETTINGS_FRAME || frame === GO_AWAY_FRAME);
}
