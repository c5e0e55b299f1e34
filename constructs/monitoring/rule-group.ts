import { AlertSeverity, type AlertRule } from '../metrics/alert-rule';

/** Minutes for which a condition must hold, unless the alert sets them. @internal */
export const DEFAULT_FOR_MINUTES = 5;

/**
 * A rule group of Prometheus.
 * @see https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
 * @internal
 */
export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly {
    readonly alert: string;
    readonly expr: string;
    readonly for: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/** @internal */
export function ruleGroup(name: string, serviceName: string, alerts: readonly AlertRule[]): RuleGroup {
  return {
    name,
    interval: '1m',
    rules: alerts.map((alert) => ({
      alert: alert.name,
      expr: alert.expression,
      for: `${alert.forMinutes ?? DEFAULT_FOR_MINUTES}m`,
      labels: alertLabels(alert, serviceName),
      annotations: alertAnnotations(alert),
    })),
  };
}

/** @internal */
export function alertLabels({ severity }: AlertRule, serviceName: string): Record<string, string> {
  return { severity: severity ?? AlertSeverity.WARNING, service: serviceName };
}

/** @internal */
export function alertAnnotations({ summary, description, runbookUrl }: AlertRule): Record<string, string> {
  return {
    summary,
    description: description ?? summary,
    ...(runbookUrl !== undefined && { runbook_url: runbookUrl }),
  };
}
