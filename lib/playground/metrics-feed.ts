import { METRICS } from '../contract/metrics';
import { messageOf } from '../errors/brainwave-error';
import { parseMetrics } from './metrics-text';
import type { MetricsPoint, MetricsStatus } from './protocol';

/** Counters of the scoring methods at one time. */
interface Scrape {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly calls: number;
  readonly errors: number;
  /** Cumulative counts of the latency histogram by upper bound in seconds, in ascending order. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** Time between two scrapes. The pages that are open share them. */
const INTERVAL_MS = 2_000;
const TIMEOUT_MS = 2_000;
const MAX_GAP_MS = 5 * INTERVAL_MS;
/** Time whose calls a percentile is of. Between two scrapes, somebody who tries images makes one call or none. */
const WINDOW_MS = 30_000;
/** Points of the charts: five minutes. */
const MAX_POINTS = 150;

/** Methods that score, without their service. The calls with which the playground asks for the status do not count. */
const SCORING = /^(?:\w*Predict|Classify|\w*Infer)$/i;

/** Turns the service's Prometheus metrics into rates and percentiles. Scrapes only while a page asks. */
export class MetricsFeed {
  private readonly points: MetricsPoint[] = [];
  /** Scrapes of the last {@link WINDOW_MS}, the oldest first. */
  private scrapes: Scrape[] = [];
  private url: string | undefined;
  private failure: string | undefined;
  private startedAt = -Infinity;

  /**
   * @param findUrl returns the URL of the metrics, or undefined if it is not known. Called again after a failure: the health port of
   * a local service changes when it starts again
   */
  constructor(private readonly findUrl: () => Promise<string | undefined>) {}

  async status(): Promise<MetricsStatus> {
    if (performance.now() - this.startedAt >= INTERVAL_MS * 0.9) {
      this.startedAt = performance.now();
      await this.scrape();
    }
    if (this.failure !== undefined) {
      return { state: 'failed', message: this.failure };
    }
    return this.url === undefined ? { state: 'off' } : { state: 'on', points: this.points };
  }

  private async scrape(): Promise<void> {
    if (this.url === undefined || this.failure !== undefined) {
      // A local service that is not running has no metrics. The state of the service says so.
      this.url = await this.findUrl().catch(() => this.url);
    }
    const { url } = this;
    if (url === undefined) {
      this.failure = undefined;
      return;
    }
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await response.text();
      if (!response.ok) {
        throw new Error(`HTTP status ${response.status}`);
      }
      const current = readScrape(text, Date.now());
      this.add(current);
      this.failure = undefined;
    } catch (error) {
      const { cause } = error as Error;
      this.failure =
        `${url} cannot be read (${messageOf(cause ?? error)}); ` +
        'check that the service is running and that this is its health port';
    }
  }

  private add(current: Scrape): void {
    const previous = this.scrapes.at(-1);
    if (previous && current.at - previous.at > MAX_GAP_MS) {
      // No page was open. An average over that time would look like a measurement.
      this.points.length = 0;
      this.scrapes = [];
    } else if (previous) {
      if (current.calls < previous.calls) {
        // A server that was restarted counts from zero.
        this.scrapes = [{ at: previous.at, calls: 0, errors: 0, buckets: new Map() }];
      }
      this.points.push(pointAt(current, this.scrapes));
      this.points.splice(0, this.points.length - MAX_POINTS);
    }
    this.scrapes.push(current);
    this.scrapes = this.scrapes.filter(({ at }) => current.at - at <= WINDOW_MS);
  }
}

function readScrape(text: string, at: number): Scrape {
  let calls = 0;
  let errors = 0;
  const buckets = new Map<number, number>();
  for (const { name, labels, value } of parseMetrics(text)) {
    const { method = '' } = labels;
    if (!SCORING.test(method.split('/').at(-1) ?? '')) {
      continue;
    }
    if (name === METRICS.requests.name) {
      calls += value;
      errors += labels.code === 'OK' ? 0 : value;
    } else if (name === `${METRICS.requestDuration.name}_bucket`) {
      const bound = labels.le === '+Inf' ? Infinity : Number(labels.le);
      buckets.set(bound, (buckets.get(bound) ?? 0) + value);
    }
  }
  return { at, calls, errors, buckets: new Map([...buckets].sort(([left], [right]) => left - right)) };
}

/**
 * Rates are since the last scrape, percentiles since the first one.
 * @param before at least one scrape, the oldest first
 */
function pointAt(current: Scrape, before: readonly Scrape[]): MetricsPoint {
  const [first] = before;
  const last = before.at(-1) ?? first;
  const seconds = Math.max((current.at - last.at) / 1_000, 0.001);
  const buckets = [...current.buckets].map(([bound, count]): [number, number] => [
    bound,
    count - (first.buckets.get(bound) ?? 0),
  ]);
  const quantile = (share: number) => {
    const value = quantileOf(buckets, share);
    return value === undefined ? null : value * 1_000;
  };
  return {
    time: current.at / 1_000,
    callsPerSecond: (current.calls - last.calls) / seconds,
    errorsPerSecond: (current.errors - last.errors) / seconds,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
  };
}

/**
 * Estimates a quantile as Prometheus' `histogram_quantile` does: linearly within a bucket.
 * @param buckets upper bounds in ascending order, with cumulative counts
 * @returns undefined without observations
 * @see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
export function quantileOf(
  buckets: readonly (readonly [number, number])[],
  share: number,
): number | undefined {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (!(total > 0)) {
    return undefined;
  }
  const rank = share * total;
  const index = buckets.findIndex(([, count]) => count >= rank);
  const [bound, count] = buckets[index] ?? [Infinity, total];
  const [lowerBound, lowerCount] = buckets[index - 1] ?? [0, 0];
  return bound === Infinity
    ? lowerBound
    : lowerBound +
        ((bound - lowerBound) * (rank - lowerCount)) / Math.max(count - lowerCount, Number.EPSILON);
}
