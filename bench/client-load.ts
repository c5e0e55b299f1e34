import type { PredictionClient } from '../dist/lib/client';
import { median } from './interleave';
import type { LoadResult } from './ghz';

/** Calls a server with our client, with a number of calls in flight. */
export async function callWithClient(
  client: PredictionClient,
  image: Uint8Array,
  { inFlight, seconds }: { inFlight: number; seconds: number },
): Promise<LoadResult> {
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
    callsPerSecond: (times.length * 1000) / (performance.now() - startedAt),
    medianMs: median(times),
  };
}
