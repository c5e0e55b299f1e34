import { collectDefaultMetrics, Registry } from 'prom-client';

const TEXT = Registry.PROMETHEUS_CONTENT_TYPE;
const OPEN_METRICS = Registry.OPENMETRICS_CONTENT_TYPE;

/** Metrics in the format that a scraper accepts. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** Gauges of prom-client with the suffix of a counter, which OpenMetrics reserves. Each is the sum of another metric. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

let processMetrics: Registry | undefined;

/**
 * Starts collecting the metrics of the process and its event loop: `process_*` and `nodejs_*`. All servers of a process share them.
 */
export function collectProcessMetrics(): void {
  if (!processMetrics) {
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
    for (const name of MISNAMED) {
      processMetrics.removeSingleMetric(name);
    }
  }
}

/**
 * Returns the metrics of a server and of the process.
 * @param accept the scraper's `Accept` header; @default - Prometheus text format
 * @see https://prometheus.io/docs/instrumenting/content_negotiation/
 */
export async function expose(registry: Registry, accept = ''): Promise<Exposition> {
  const registries = processMetrics ? [registry, processMetrics] : [registry];
  const text = (await Promise.all(registries.map((each) => each.metrics()))).join('\n');
  return accept.includes('application/openmetrics-text')
    ? { contentType: OPEN_METRICS, body: toOpenMetrics(text) }
    : { contentType: TEXT, body: text };
}

/**
 * Converts the Prometheus text format to OpenMetrics. There, the suffix `_total` belongs to the samples of a counter, not to its
 * name. A registry of prom-client writes only one of the formats: writing OpenMetrics renames its counters.
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function toOpenMetrics(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const counters = new Set(lines.flatMap((line) => /^# TYPE (\S+)_total counter$/.exec(line)?.[1] ?? []));
  const converted = lines.map((line) =>
    line.replace(/^(# (?:HELP|TYPE) )(\S+)_total /, (whole, start: string, name: string) =>
      counters.has(name) ? `${start}${name} ` : whole,
    ),
  );
  return `${[...converted, '# EOF'].join('\n')}\n`;
}
