import { METRICS } from '../../lib/contract/metrics';
import { AlertSeverity, type AlertRule } from '../metrics/alert-rule';
import type { MetricOptions } from '../metrics/metric';
import type { IWebservice } from '../webservice/webservice';

/** Thresholds of the alerts. @internal */
export interface AlertThresholds {
  readonly latencyBudgetMs: number;
  readonly maxErrorRatio: number;
  readonly maxInFlightRatio: number;
  readonly maxQueueLength: number;
  readonly minimumDaysToExpiry: number;
}

/** Above the largest bucket, Prometheus cannot tell latencies apart: an alert would never fire. @internal */
export const MAX_LATENCY_BUDGET_MS = Math.max(...METRICS.requestDuration.buckets) * 1000;

/**
 * Returns the alerts of a service. `docs/operate.md` has a section for each.
 * @param runbookUrl page with a section per alert; undefined for no links
 * @internal
 */
export function serviceAlerts(
  service: IWebservice,
  thresholds: AlertThresholds,
  runbookUrl: string | undefined,
  options: MetricOptions,
): AlertRule[] {
  const { latencyBudgetMs, maxErrorRatio, maxInFlightRatio, maxQueueLength, minimumDaysToExpiry } =
    thresholds;
  const name = service.serviceName;
  const alerts = [
    // `for` is as long as the window: a single failed call of a service with few calls leaves the window before.
    service.metricErrorRatio(options).above(maxErrorRatio, {
      name: 'BrainwaveErrorRatioHigh',
      severity: AlertSeverity.CRITICAL,
      summary: `Calls of ${name} fail`,
      description: `{{ $value | humanizePercentage }} of the calls fail because of the server or its load; the limit is ${percent(maxErrorRatio)}.`,
    }),
    service.metricLatency(options).above(latencyBudgetMs / 1000, {
      name: 'BrainwaveLatencyHigh',
      severity: AlertSeverity.CRITICAL,
      forMinutes: 10,
      summary: `${name} is slow`,
      description: `The 99th percentile of the latency is {{ $value | humanizeDuration }}; the budget is ${latencyBudgetMs} ms.`,
    }),
    service.metricInFlightRatio(options).above(maxInFlightRatio, {
      name: 'BrainwaveCallsInFlightHigh',
      forMinutes: 10,
      summary: `${name} will soon refuse calls`,
      description: `A replica has {{ $value | humanizePercentage }} of its maximum number of calls in flight; the limit is ${percent(maxInFlightRatio)}. At 100%, calls fail with RESOURCE_EXHAUSTED.`,
    }),
    service.metricQueueLength(options).above(maxQueueLength, {
      name: 'BrainwaveQueueLong',
      forMinutes: 10,
      summary: `Calls of ${name} wait for a worker`,
      description: `On average, {{ $value | humanize }} calls wait in a replica; the limit is ${maxQueueLength}.`,
    }),
    service.metricDaysToExpiry(options).below(minimumDaysToExpiry, {
      name: 'BrainwaveCertificateExpiresSoon',
      forMinutes: 15,
      summary: `The certificate of ${name} expires soon`,
      description: `The certificate expires in {{ $value | humanize }} days; the limit is ${minimumDaysToExpiry}. Then every call over TLS fails.`,
    }),
    service.metricReplicasNotReady(options).above(0, {
      name: 'BrainwaveReplicasNotReady',
      forMinutes: 15,
      summary: `Replicas of ${name} are not ready`,
      description: '{{ $value }} replicas have not been ready for 15 minutes.',
    }),
    service.metricReplicas(options).below(1, {
      name: 'BrainwaveMetricsMissing',
      severity: AlertSeverity.CRITICAL,
      summary: `${name} does not report metrics`,
      description: 'No replica reports metrics: no replica runs, or Prometheus does not reach them.',
    }),
    service.metricFailedReloads({ ...options, window: '15m' }).above(0, {
      name: 'BrainwaveReloadFailed',
      forMinutes: 1,
      summary: `${name} rejected a new configuration`,
      description:
        'A replica could not load its new configuration, certificate or keys and serves the previous ones.',
    }),
  ];
  return runbookUrl === undefined
    ? alerts
    : alerts.map((alert) => ({ ...alert, runbookUrl: `${runbookUrl}#${alert.name.toLowerCase()}` }));
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(4))}%`;
}
