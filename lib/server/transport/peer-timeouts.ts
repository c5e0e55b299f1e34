import type { ServerHttp2Session } from 'node:http2';

/** How long a peer may take over what costs the server something meanwhile. */
export interface PeerTimeouts {
  /**
   * Milliseconds from a connection's first byte to its TLS handshake's end, and from there to HTTP/2's first frame.
   * @default 20,000
   */
  readonly handshakeMs?: number;
  /**
   * Milliseconds in which a request must have arrived whole, and its answer must be taken.
   * @default 60,000
   */
  readonly transferMs?: number;
}

const DEFAULT_HANDSHAKE_MS = 20_000;
const DEFAULT_TRANSFER_MS = 60_000;

/** @internal */
export function handshakeMsOf({ handshakeMs }: PeerTimeouts = {}): number {
  return handshakeMs ?? DEFAULT_HANDSHAKE_MS;
}

/** @internal */
export function transferMsOf({ transferMs }: PeerTimeouts = {}): number {
  return transferMs ?? DEFAULT_TRANSFER_MS;
}

/** Ends a session whose peer does not say its first word: HTTP/2 begins with the peer's settings. */
export function requireGreeting(session: ServerHttp2Session, timeouts?: PeerTimeouts): void {
  const timer = setTimeout(() => {
    session.destroy();
  }, handshakeMsOf(timeouts));
  const stop = () => {
    clearTimeout(timer);
  };
  session.once('remoteSettings', stop);
  session.once('close', stop);
}
