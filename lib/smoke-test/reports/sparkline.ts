import { latencyHistogram } from './latency-histogram';

const EIGHTHS = ' ▁▂▃▄▅▆▇█';
const BINS = 24;

/** Latencies' histogram in one line, the fast ones on the left: `█▃▂▁▁ ▁`. What occurs at all is seen. */
export function latencySparkline(samplesMs: readonly number[]): string {
  const { counts } = latencyHistogram(samplesMs, BINS);
  const most = Math.max(...counts);
  return counts.map((count) => EIGHTHS[Math.ceil((count / most) * 8)]).join('');
}
