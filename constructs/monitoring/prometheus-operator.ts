import type { Construct } from 'constructs';

import { HEALTH_PORT_NAME } from '../../lib/contract/image-layout';
import { INSTANCE_LABEL } from '../../lib/contract/kubernetes-labels';
import { METRICS_PATH } from '../../lib/contract/operations';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { ConfigMapV1, Manifest } from '../bindings/kubernetes';
import { dependablesFor } from '../terraform/dependables';
import { requireKnownProps } from '../validation/construct-error';
import type { IPrometheus, MonitoredService } from './prometheus';
import { ruleGroup } from './rule-group';
import { requirePods, scrapePolicy } from './scrape-policy';

/** How the operator finds its objects. */
export interface PrometheusOperatorProps {
  /**
   * Labels by which the operator's Prometheus selects monitors and rules. The Helm chart `kube-prometheus-stack` selects
   * `{ release: '<name of the Helm release>' }`.
   * @default - none
   */
  readonly labels?: Record<string, string> | undefined;
  /**
   * Namespace whose pods may read the metrics.
   * @default 'monitoring'
   */
  readonly monitoringNamespace?: string | undefined;
  /**
   * Whether to declare the dashboard as a ConfigMap with the label `grafana_dashboard`, which the Grafana of
   * `kube-prometheus-stack` imports.
   * @default true
   */
  readonly dashboard?: boolean | undefined;
}

const PROMETHEUS_OPERATOR_PROPS: KnownKeys<PrometheusOperatorProps> = {
  labels: true,
  monitoringNamespace: true,
  dashboard: true,
};

const API_VERSION = 'monitoring.coreos.com/v1';

/**
 * The Prometheus Operator on the service's cluster, such as the one of the Helm chart `kube-prometheus-stack`. Declares a
 * `PodMonitor`, a `PrometheusRule`, and a network policy for the monitoring namespace.
 *
 * The operator must be installed before the first plan: `kubernetes_manifest` reads the schemas of custom resources from the
 * cluster when Terraform plans. Do not create the cluster or install the operator in the same apply.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/
 * @see https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/resources/manifest#before-you-use-this-resource
 */
export class PrometheusOperator implements IPrometheus {
  readonly notifiesActionGroups = false;

  constructor(private readonly props: PrometheusOperatorProps = {}) {}

  bind(scope: Construct, { service, alerts, dashboard }: MonitoredService): void {
    requireKnownProps(scope, this.props, PROMETHEUS_OPERATOR_PROPS);
    const pods = requirePods(scope, service, 'a PrometheusOperator');
    const { labels, monitoringNamespace = 'monitoring' } = this.props;
    const provider = pods.provider(scope);
    const dependsOn = dependablesFor(scope, pods.dependables);
    const { namespace } = pods;
    const name = pods.labels[INSTANCE_LABEL] ?? '';
    const metadata = { name, namespace, labels: { ...pods.labels, ...labels } };
    scrapePolicy(scope, pods, monitoringNamespace);
    new Manifest(scope, 'PodMonitor', {
      provider,
      manifest: {
        apiVersion: API_VERSION,
        kind: 'PodMonitor',
        metadata,
        spec: {
          selector: { matchLabels: pods.labels },
          // Becomes the label by which metrics select the service.
          podTargetLabels: [INSTANCE_LABEL],
          podMetricsEndpoints: [{ port: HEALTH_PORT_NAME, path: METRICS_PATH, interval: '30s' }],
        },
      },
      dependsOn,
    });
    new Manifest(scope, 'PrometheusRule', {
      provider,
      manifest: {
        apiVersion: API_VERSION,
        kind: 'PrometheusRule',
        metadata,
        spec: { groups: [ruleGroup(name, service.serviceName, alerts)] },
      },
      dependsOn,
    });
    if (this.props.dashboard ?? true) {
      new ConfigMapV1(scope, 'DashboardConfigMap', {
        provider,
        metadata: {
          name: `${name}-dashboard`,
          namespace,
          labels: { ...pods.labels, grafana_dashboard: '1' },
        },
        data: { [`${name}.json`]: dashboard },
        dependsOn,
      });
    }
  }
}
