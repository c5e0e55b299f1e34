import type { ServerHttp2Session } from 'node:http2';

/** How often the peer of a connection is pinged, and how long it may take to answer. */
export interface KeepAliveOptions {
  /**
   * Milliseconds between two pings.
   * @default 60,000
   */
  readonly intervalMs?: number;
  /**
   * Milliseconds until a ping must be answered.
   * @default 20,000
   */
  readonly timeoutMs?: number;
}

/**
 * Pings a session's peer and ends the session when it does not answer. A peer that vanished without closing its
 * connection would otherwise keep the places of its calls for ever.
 */
export function keepAlive(session: ServerHttp2Session, options: KeepAliveOptions = {}): void {
  const { intervalMs = 60_000, timeoutMs = 20_000 } = options;
  let late: NodeJS.Timeout | undefined;
  const interval = setInterval(() => {
    // A session is destroyed some time before it says that it is closed; many at once take seconds.
    if (late || session.destroyed) {
      return;
    }
    late = setTimeout(() => {
      session.destroy();
    }, timeoutMs);
    session.ping(() => {
      clearTimeout(late);
      late = undefined;
    });
  }, intervalMs);
  session.on('close', () => {
    clearInterval(interval);
    clearTimeout(late);
  });
}
