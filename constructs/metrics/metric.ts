import type { AlertProps, AlertRule } from './alert-rule';

/** Unit of a metric, by its name in Grafana. */
export enum MetricUnit {
  REQUESTS_PER_SECOND = 'reqps',
  /** From 0 to 1. */
  RATIO = 'percentunit',
  SECONDS = 's',
  DAYS = 'd',
  COUNT = 'short',
}

/** Properties of {@link Metric}. */
export interface MetricProps {
  /** Title of a panel: `Error ratio`. */
  readonly title: string;
  /** PromQL expression. */
  readonly expression: string;
  readonly unit: MetricUnit;
  /**
   * Label that distinguishes the series of the expression, such as `stage`.
   * @default - the expression has one series
   */
  readonly seriesLabel?: string | undefined;
}

/** Selection of a metric's series, and the window of its rates and averages. */
export interface MetricOptions {
  /**
   * Labels that the series must have, in addition to those of the service: `{ job: 'scoring' }`.
   * @default - none
   */
  readonly labels?: Record<string, string> | undefined;
  /**
   * Window of rates and averages: a Prometheus duration, or a variable of Grafana, such as `$__rate_interval`.
   * @default '5m'
   */
  readonly window?: string | undefined;
}

/**
 * A metric of a service as a PromQL expression, for alert rules and dashboards.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/
 */
export class Metric {
  readonly title: string;
  /** PromQL expression. */
  readonly expression: string;
  readonly unit: MetricUnit;
  /** @default - the expression has one series */
  readonly seriesLabel?: string | undefined;

  constructor(props: MetricProps) {
    this.title = props.title;
    this.expression = props.expression;
    this.unit = props.unit;
    this.seriesLabel = props.seriesLabel;
  }

  /** Returns a rule that fires while the metric is above a threshold, which has the metric's unit. */
  above(threshold: number, alert: AlertProps): AlertRule {
    return this.compare('>', threshold, alert);
  }

  /** Returns a rule that fires while the metric is below a threshold, which has the metric's unit. */
  below(threshold: number, alert: AlertProps): AlertRule {
    return this.compare('<', threshold, alert);
  }

  private compare(operator: '>' | '<', threshold: number, alert: AlertProps): AlertRule {
    return { ...alert, expression: `(${this.expression}) ${operator} ${threshold}` };
  }
}

/**
 * Returns a PromQL selector: `name{label="value"}`.
 * @param matchers further matchers, such as `code!="OK"`
 * @internal
 */
export function seriesOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  ...matchers: readonly string[]
): string {
  const all = [...Object.entries(labels).map(([label, value]) => `${label}=${quoted(value)}`), ...matchers];
  return all.length === 0 ? name : `${name}{${all.join(',')}}`;
}

function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}
