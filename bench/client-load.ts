import { median } from './interleave';
import type { LoadResult } from './ghz';

/** A client that scores images, ours or a peer's. */
export interface ScoringClient {
  predictImage(image: Uint8Array): Promise<Float32Array>;
}

/** Result of our load generator. */
export interface ClientLoadResult extends LoadResult {
  /** Number of calls. */
  readonly calls: number;
}

/** Calls a server with a number of calls in flight. */
export async function callWithClient(
  client: ScoringClient,
  image: Uint8Array,
  { inFlight, seconds }: { inFlight: number; seconds: number },
): Promise<ClientLoadResult> {
  const times: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  const work = async () => {
    for (let now = performance.now(); now < endsAt;) {
      await client.predictImage(image);
      const then = performance.now();
      times.push(then - now);
      now = then;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return {
    calls: times.length,
    callsPerSecond: (times.length * 1000) / (performance.now() - startedAt),
    medianMs: median(times),
  };
}
