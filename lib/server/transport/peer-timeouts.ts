import type { ServerHttp2Session } from 'node:http2';

/** Time limits for operations during which a peer holds server resources. */
export interface PeerTimeouts {
  /**
   * Milliseconds for the TLS handshake of a new connection, and again for its first HTTP/2 frame.
   * @default 20,000
   */
  readonly handshakeMs?: number | undefined;
  /**
   * Milliseconds to receive a complete request, and again to deliver its response.
   * @default 60,000
   */
  readonly transferMs?: number | undefined;
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

/** Ends a session whose peer does not send its HTTP/2 SETTINGS frame in time. */
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
