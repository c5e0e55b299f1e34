import type { Figures } from './row';

/**
 * Measures both sides alternately, so that other load on the machine affects both. The order changes from pair to pair.
 */
export async function interleave(
  repeats: number,
  ours: () => Promise<number>,
  peer: () => Promise<number>,
): Promise<Figures> {
  const pairs: { ours: number; peer: number }[] = [];
  for (let pair = 0; pair < repeats; pair += 1) {
    if (pair % 2 === 0) {
      const first = await ours();
      pairs.push({ ours: first, peer: await peer() });
    } else {
      const first = await peer();
      pairs.push({ peer: first, ours: await ours() });
    }
  }
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    peer: median(pairs.map((pair) => pair.peer)),
    ratio: median(pairs.map((pair) => pair.ours / pair.peer)),
  };
}

/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
