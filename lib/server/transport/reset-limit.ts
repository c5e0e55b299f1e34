import http2, { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR } = http2.constants;

/**
 * How many streams a peer may reset at once, and how many a second after those, before its connection ends.
 *
 * Node 20 and 22 have nghttp2's limit of 1,000 and 33 built in (CVE-2023-44487, "rapid reset"), and do no more than
 * to read nothing from such a connection again; those that came later can be told another.
 */
const LIMIT = isAdjustable() ? { burst: 20_000, perSecond: 2000 } : { burst: 950, perSecond: 33 };

/**
 * Node's own options for the same, half as strict, so that the connection is ended here, where that closes it.
 * Clients of other languages reset each stream that is refused while they still send; a burst is no attack.
 */
export const streamResetOptions = {
  streamResetBurst: 2 * LIMIT.burst,
  streamResetRate: 2 * LIMIT.perSecond,
};

/** Ends a session whose peer goes on beginning calls and resetting them, which costs it next to nothing. */
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
