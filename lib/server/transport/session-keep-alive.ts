import type { ServerHttp2Session } from 'node:http2';

/** Keepalive pings on idle and active connections. */
export interface KeepAliveOptions {
  /**
   * Milliseconds between pings.
   * @default 60,000
   */
  readonly intervalMs?: number | undefined;
  /**
   * Milliseconds within which a ping must be acknowledged.
   * @default 20,000
   */
  readonly timeoutMs?: number | undefined;
}

/**
 * Pings the peer of a session and ends the session if a ping is not acknowledged. Otherwise a peer that vanished without
 * closing its connection would occupy the slots of its calls forever.
 */
export function keepAlive(session: ServerHttp2Session, options: KeepAliveOptions = {}): void {
  const { intervalMs = 60_000, timeoutMs = 20_000 } = options;
  let late: NodeJS.Timeout | undefined;
  const interval = setInterval(() => {
    // A session is destroyed before it emits 'close', by seconds if many close at once.
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
