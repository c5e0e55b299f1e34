import http2, { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR } = http2.constants;

/**
 * Number of streams that a peer may reset in a burst, and per second after that, before its connection is closed.
 *
 * Node 20 and 22 have nghttp2's limits of 1,000 and 33 built in (CVE-2023-44487, "rapid reset"), but only stop reading from
 * such a connection. Later versions of Node accept other limits.
 */
const LIMIT = isAdjustable() ? { burst: 20_000, perSecond: 2000 } : { burst: 950, perSecond: 33 };

/**
 * Equivalent options of Node, half as strict, so that this module reaches its limit first and closes the connection. Bursts
 * are legitimate: some clients reset every stream that is refused while they are still sending.
 */
export const streamResetOptions = {
  streamResetBurst: 2 * LIMIT.burst,
  streamResetRate: 2 * LIMIT.perSecond,
};

/** Closes a session whose peer keeps starting and resetting calls, which costs the peer almost nothing. */
export function limitResets(session: ServerHttp2Session): void {
  let tokens = LIMIT.burst;
  let filledAt = performance.now();
  session.on('stream', (stream: ServerHttp2Stream) => {
    stream.once('close', () => {
      if (!stream.aborted && stream.rstCode === NGHTTP2_NO_ERROR) {
        return;
      }
      const now = performance.now();
      tokens = Math.min(LIMIT.burst, tokens + ((now - filledAt) / 1000) * LIMIT.perSecond) - 1;
      filledAt = now;
      if (tokens < 0 && !session.destroyed) {
        session.destroy(undefined, NGHTTP2_ENHANCE_YOUR_CALM);
      }
    });
  });
}

function isAdjustable(): boolean {
  return Number(process.versions.node.split('.')[0]) >= 24;
}
