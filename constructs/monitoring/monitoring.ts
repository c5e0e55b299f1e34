import { Token } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { numberAbove, numberFrom, wholeNumber } from '../../lib/validation/number-range';
import type { AzureResource } from '../azure/azure-resource';
import type { AlertRule } from '../metrics/alert-rule';
import { jsonTemplate } from '../terraform/json-template';
import { namedOutput } from '../terraform/named-output';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireKnownNumber, requireNumber, requirePattern } from '../validation/synth-value';
import type { IWebservice } from '../webservice/webservice';
import { serviceDashboard } from './dashboard';
import { loadBalancerAlerts } from './load-balancer-alerts';
import type { IPrometheus } from './prometheus';
import { ruleGroup } from './rule-group';
import { MAX_LATENCY_BUDGET_MS, serviceAlerts } from './service-alerts';

/** What to watch, where the alerts are evaluated, and whom they notify. */
export interface MonitoringProps {
  readonly service: IWebservice;
  /** Highest acceptable 99th percentile of the latency, in milliseconds, less than 30 000. */
  readonly latencyBudgetMs: number;
  /**
   * Highest acceptable ratio of calls that fail because of the server or its load, greater than 0 and less than 1.
   * @default 0.01
   */
  readonly maxErrorRatio?: number | undefined;
  /**
   * Highest acceptable number of calls in flight in a replica, as a ratio of its maximum, greater than 0 and less than 1.
   * @default 0.8
   */
  readonly maxInFlightRatio?: number | undefined;
  /**
   * Highest acceptable number of calls that wait for a worker in a replica, on average.
   * @default 1
   */
  readonly maxQueueLength?: number | undefined;
  /**
   * Minimum number of days until the certificate expires.
   * @default 14
   */
  readonly minimumDaysToExpiry?: number | undefined;
  /**
   * Further alerts, such as `service.metricRefusedKeys().above(1, { … })`.
   * @default - none
   */
  readonly alerts?: AlertRule[] | undefined;
  /**
   * Labels that the series of the service have in Prometheus, in addition to those known to the stack.
   * @default - none on Kubernetes; elsewhere { job: '<name of the service>' }
   */
  readonly labels?: Record<string, string> | undefined;
  /**
   * Prometheus that collects the metrics and evaluates the alerts.
   * @default - none; `rules` and `dashboard` are for a Prometheus and a Grafana that the stack does not know
   */
  readonly prometheus?: IPrometheus | undefined;
  /**
   * Action groups of Azure Monitor that alerts notify.
   * @default - none
   */
  readonly actionGroups?: AzureResource[] | undefined;
  /**
   * Page to which the alerts link, such as a rendered copy of `docs/operate.md`, which has a section for each alert. The name of
   * the alert in lowercase is appended as the anchor.
   * @default - no link
   */
  readonly runbookUrl?: string | undefined;
}

const MONITORING_PROPS: KnownKeys<MonitoringProps> = {
  service: true,
  latencyBudgetMs: true,
  maxErrorRatio: true,
  maxInFlightRatio: true,
  maxQueueLength: true,
  minimumDaysToExpiry: true,
  alerts: {
    name: true,
    expression: true,
    summary: true,
    description: true,
    severity: true,
    forMinutes: true,
    runbookUrl: true,
  },
  labels: true,
  prometheus: true,
  actionGroups: true,
  runbookUrl: true,
};

/**
 * Alerts and a Grafana dashboard for a web service: error ratio, latency, saturation, certificate, replicas, reloads and
 * missing metrics.
 *
 * With `prometheus`, a Prometheus collects the metrics and evaluates the alerts. On FPGA machines, Azure Monitor also watches
 * the load balancer.
 */
export class Monitoring extends Construct {
  /** Alerts of the service, followed by those of `alerts`. */
  readonly alerts: AlertRule[];
  /**
   * Rule file for Prometheus with the alerts. It is JSON, and therefore YAML.
   * @see https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
   */
  readonly rules: string;
  /** JSON of a Grafana dashboard, to import or to pass to `grafana_dashboard`. */
  readonly dashboard: string;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    requireKnownProps(this, props, MONITORING_PROPS);
    requireProvidersInStack(this);
    this.check(props);
    const { service, prometheus, actionGroups = [], runbookUrl } = props;
    const { metricLabels } = service.endpoint;
    const options = { labels: props.labels ?? (metricLabels ? undefined : { job: service.serviceName }) };
    const thresholds = {
      latencyBudgetMs: props.latencyBudgetMs,
      maxErrorRatio: props.maxErrorRatio ?? 0.01,
      maxInFlightRatio: props.maxInFlightRatio ?? 0.8,
      maxQueueLength: props.maxQueueLength ?? 1,
      minimumDaysToExpiry: props.minimumDaysToExpiry ?? 14,
    };
    this.alerts = [...serviceAlerts(service, thresholds, runbookUrl, options), ...(props.alerts ?? [])];
    this.rules = jsonTemplate({ groups: [ruleGroup(service.serviceName, service.serviceName, this.alerts)] });
    this.dashboard = jsonTemplate(serviceDashboard(service, thresholds, options));
    const { loadBalancer } = service.endpoint;
    if (actionGroups.length > 0 && !loadBalancer && prometheus?.notifiesActionGroups !== true) {
      throw new ConstructError(
        this,
        'actionGroups is set, but Azure Monitor does not evaluate the alerts; ' +
          'set prometheus: new ManagedPrometheus(…), or remove actionGroups',
      );
    }
    prometheus?.bind(this, { service, alerts: this.alerts, dashboard: this.dashboard, actionGroups });
    if (loadBalancer) {
      loadBalancerAlerts(this, service.serviceName, loadBalancer, actionGroups, runbookUrl);
    }
  }

  /**
   * Adds outputs to the stack: `<path>_rules` and `<path>_dashboard`. The path is the construct's, in snake case, such as
   * `monitoring_rules`. Write them to files with `terraform output -raw`.
   */
  addOutputs(): void {
    namedOutput(this, 'rules', { value: this.rules });
    namedOutput(this, 'dashboard', { value: this.dashboard });
  }

  private check(props: MonitoringProps): void {
    const { latencyBudgetMs, maxErrorRatio, maxInFlightRatio, runbookUrl, alerts = [] } = props;
    // Without a type checker it may be missing.
    if ((latencyBudgetMs as number | undefined) === undefined) {
      throw new ConstructError(
        this,
        'latencyBudgetMs is missing; set the highest acceptable 99th percentile of the latency, in milliseconds',
      );
    }
    requireKnownNumber(this, 'latencyBudgetMs', latencyBudgetMs, {
      accepts: (value) => value > 0 && value < MAX_LATENCY_BUDGET_MS,
      expected: `a number greater than 0 and less than ${MAX_LATENCY_BUDGET_MS}, the largest bucket of the histogram`,
    });
    const ratio = {
      accepts: (value: number) => value > 0 && value < 1,
      expected: 'a ratio greater than 0 and less than 1',
    };
    requireKnownNumber(this, 'maxErrorRatio', maxErrorRatio, ratio);
    requireKnownNumber(this, 'maxInFlightRatio', maxInFlightRatio, ratio);
    requireKnownNumber(this, 'maxQueueLength', props.maxQueueLength, numberAbove(0));
    requireKnownNumber(this, 'minimumDaysToExpiry', props.minimumDaysToExpiry, numberFrom(1));
    requirePattern(
      this,
      'runbookUrl',
      runbookUrl,
      /^https?:\/\/[^\s#]+$/,
      'a URL without an anchor, such as https://wiki.example.com/scoring',
    );
    for (const [index, { name, forMinutes }] of alerts.entries()) {
      requirePattern(
        this,
        `alerts[${index}].name`,
        name,
        /^[A-Za-z_]\w*$/,
        'letters, digits and "_", such as ErrorRatioHigh',
      );
      requireNumber(this, `alerts[${index}].forMinutes`, forMinutes, wholeNumber(0));
      if (!Token.isUnresolved(name) && name.startsWith('Brainwave')) {
        throw new ConstructError(
          this,
          `alerts[${index}].name is "${name}", but the prefix Brainwave is reserved; choose another name`,
        );
      }
    }
  }
}
