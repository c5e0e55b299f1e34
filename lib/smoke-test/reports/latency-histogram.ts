/** Number of calls per bin. Bin `i` starts at `startMs + i * widthMs` and ends before the start of the next. */
export interface LatencyHistogram {
  readonly startMs: number;
  readonly widthMs: number;
  readonly counts: readonly number[];
}

const MANTISSAS = [1, 2, 5, 10];

/**
 * Counts calls in bins with a width of 1, 2 or 5 times a power of ten, so that their bounds are round numbers.
 * @param samplesMs at least one, in any order
 * @param maximumBins at least 2
 */
export function latencyHistogram(samplesMs: readonly number[], maximumBins: number): LatencyHistogram {
  const shortest = Math.min(...samplesMs);
  const longest = Math.max(...samplesMs);
  // One bin less, because the first bin starts before the shortest call.
  const widthMs = roundUp(Math.max(longest - shortest, 0.1) / (maximumBins - 1));
  const first = Math.floor(shortest / widthMs);
  const counts = Array.from({ length: Math.floor(longest / widthMs) - first + 1 }, () => 0);
  for (const sample of samplesMs) {
    counts[Math.floor(sample / widthMs) - first] += 1;
  }
  return { startMs: first * widthMs, widthMs, counts };
}

function roundUp(width: number): number {
  const power = 10 ** Math.floor(Math.log10(width));
  const mantissa = MANTISSAS.find((candidate) => candidate * power >= width) ?? 10;
  return mantissa * power;
}

const EIGHTHS = ' ▁▂▃▄▅▆▇█';
const BINS = 24;

/** Draws the histogram of latencies in one line, fastest on the left: `█▃▂▁▁ ▁`. Every bin with calls is visible. */
export function latencySparkline(samplesMs: readonly number[]): string {
  const { counts } = latencyHistogram(samplesMs, BINS);
  const most = Math.max(...counts);
  return counts.map((count) => EIGHTHS[Math.ceil((count / most) * 8)]).join('');
}
