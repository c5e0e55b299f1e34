import { InvalidInputError } from '../dist/lib/errors/prediction-errors';
import { median } from './interleave';
import type { LoadResult } from './ghz';

/** A client that scores images, ours or a peer's. */
export interface ScoringClient {
  predictImage(image: Uint8Array): Promise<Float32Array>;
}

/** V8 compiles code when it has run some thousand times. A service reaches that in minutes, a measurement does not. */
const WARM_CALLS = 3000;
const WARM_CALLS_IN_FLIGHT = 8;

/**
 * Calls a service of ours with an input of the image's size that it refuses before it decodes it, until the code of the client and
 * the transport is compiled.
 */
export async function warmTransport(client: ScoringClient, image: Uint8Array): Promise<void> {
  const input = new Uint8Array(image.length);
  let left = WARM_CALLS;
  const work = async () => {
    while (left-- > 0) {
      await client.predictImage(input).catch((error: unknown) => {
        if (!(error instanceof InvalidInputError)) {
          throw error;
        }
      });
    }
  };
  await Promise.all(Array.from({ length: WARM_CALLS_IN_FLIGHT }, work));
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
