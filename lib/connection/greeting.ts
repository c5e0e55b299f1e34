import type { Socket } from 'node:net';

import { nextEvent, type SocketFailure } from './socket-event';

/** What is spoken over a connection, by the name that TLS has for it (ALPN). */
export type Application = 'h2' | 'http/1.1';

/** What a client does once it is connected. */
export type GreetingStage = 'HTTP/2 handshake' | 'HTTP request';

/** What a server answered to the first words of a client. */
export type GreetingAnswer =
  /** It speaks the same. `said` is its first line, where it said one. */
  | { readonly kind: 'ready'; readonly said: string }
  /** It answered in TLS, to words that were not. */
  | { readonly kind: 'tls-server' }
  /** It speaks something else. `said` is its first line, as far as it can be shown. */
  | { readonly kind: 'other-protocol'; readonly said: string }
  | { readonly kind: 'closed'; readonly stage: GreetingStage }
  | { readonly kind: 'timed-out'; readonly stage: 'HTTP/2 handshake'; readonly afterMs: number };

// RFC 9113, section 3.4: a client's first words, and an empty SETTINGS frame.
const http2Greeting = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
// RFC 9110, section 9.3.7: asks a server as a whole, and no service behind it.
const http1Greeting = Buffer.from(
  'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'latin1',
);
/** How long a server may take to complain of a connection that it does not want, in milliseconds. */
const complaintMs = 1_000;
const settingsFrame = 4;
const goAwayFrame = 7;
const tlsAlert = 0x15;

/**
 * Says a client's first words, reads the first of the answer, and ends the connection.
 * @param deadline milliseconds since 1970
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
    overHttp2 ? deadline : Math.min(deadline, started + complaintMs),
  );
  socket.destroy();
  switch (event.kind) {
    case 'timeout':
      // HTTP/1.1 has no handshake, and a request may wait its turn.
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
  if (bytes[0] === tlsAlert && bytes[1] === 3) {
    return { kind: 'tls-server' };
  }
  if (isHttp2(bytes)) {
    return application === 'h2'
      ? { kind: 'ready', said: '' }
      : { kind: 'other-protocol', said: 'a frame of HTTP/2' };
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
  // A frame's type follows its length, whose first byte is 0 in these short ones.
  return bytes[0] === 0 && (frame === settingsFrame || frame === goAwayFrame);
}
