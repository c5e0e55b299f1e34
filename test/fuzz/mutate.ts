/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What breaks readers of sizes and counts. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff];

/**
 * Damages bytes in up to eight places: bits turned, edges of numbers put in, parts removed, doubled, swapped with
 * noise, or the rest cut off.
 */
export function mutate(data: Uint8Array, random: () => number): Buffer {
  let bytes = Buffer.from(data);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let times = 1 + below(8); times > 0 && bytes.length > 0; times -= 1) {
    const at = below(bytes.length);
    // Headers say how the rest is read: most damage belongs there.
    const place = random() < 0.5 ? below(Math.min(bytes.length, 64)) : at;
    const length = Math.min(1 + below(random() < 0.9 ? 16 : 4096), bytes.length - place);
    const before = bytes.subarray(0, place);
    const after = bytes.subarray(place + length);
    switch (below(6)) {
      case 0:
        bytes[place] ^= 1 << below(8);
        break;
      case 1:
        bytes[place] = EDGES[below(EDGES.length)];
        break;
      case 2:
        bytes = Buffer.concat([before, after]);
        break;
      case 3:
        bytes = Buffer.concat([before, bytes.subarray(place, place + length), bytes.subarray(place)]);
        break;
      case 4:
        bytes = Buffer.concat([before, Buffer.from(Array.from({ length }, () => below(256))), after]);
        break;
      default:
        bytes = random() < 0.2 ? Buffer.from(bytes.subarray(0, at)) : bytes;
    }
  }
  return bytes;
}
