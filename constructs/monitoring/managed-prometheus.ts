import { Lazy } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import {
  MonitorAlertPrometheusRuleGroup,
  MonitorDataCollectionEndpoint,
  MonitorDataCollectionRule,
  MonitorDataCollectionRuleAssociation,
  MonitorWorkspace,
} from '../bindings/azurerm';
import { ConfigMapV1 } from '../bindings/kubernetes';
import type { IScoringCluster } from '../aks/scoring-cluster-reference';
import { AZURE_NAMES, azureName, type AzureNameRule } from '../azure/azure-name';
import { AlertSeverity } from '../metrics/alert-rule';
import { dependablesFor } from '../terraform/dependables';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { requireKnownProps } from '../validation/construct-error';
import { addWarning } from '../validation/warning';
import type { IPrometheus, MonitoredService } from './prometheus';
import { alertAnnotations, alertLabels, DEFAULT_FOR_MINUTES } from './rule-group';
import { requirePods, scrapePolicy } from './scrape-policy';

/** The cluster to monitor, and where its metrics are stored. */
export interface ManagedPrometheusProps {
  /** Cluster whose metrics are collected. */
  readonly cluster: IScoringCluster;
  /**
   * ARM id of an existing Azure Monitor workspace in the region of the cluster.
   * @default - one is created in the cluster's resource group
   */
  readonly monitorWorkspaceId?: string | undefined;
  /**
   * Name of the created Azure Monitor workspace: 4 to 44 letters, digits and hyphens.
   * @default - derived from the construct's path
   */
  readonly name?: string | undefined;
  /**
   * Whether to declare the ConfigMap `ama-metrics-settings-configmap`, with which the agents scrape the pods of the services.
   * A cluster has only one: if you have it, add the namespaces of the services to its `podannotationnamespaceregex`.
   * @default true
   */
  readonly scrapeSettings?: boolean | undefined;
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
}

/** A cluster whose metrics are collected already. */
export interface ManagedPrometheusAttributes {
  readonly cluster: IScoringCluster;
  /** ARM id of the Azure Monitor workspace. */
  readonly monitorWorkspaceId: string;
}

const MANAGED_PROMETHEUS_PROPS: KnownKeys<ManagedPrometheusProps> = {
  cluster: true,
  monitorWorkspaceId: true,
  name: true,
  scrapeSettings: true,
  tags: true,
};

/** Namespace of the agents that collect metrics. */
const AGENT_NAMESPACE = 'kube-system';
const STREAM = 'Microsoft-PrometheusMetrics';
const DESTINATION = 'MonitorWorkspace';

/** Azure Monitor's severities go from 0 (critical) to 4 (verbose). */
const AZURE_SEVERITIES: Readonly<Record<AlertSeverity, number>> = {
  [AlertSeverity.CRITICAL]: 0,
  [AlertSeverity.WARNING]: 2,
};

/**
 * Azure Monitor's managed Prometheus for an AKS cluster: the metrics add-on of the cluster, an Azure Monitor workspace that
 * stores the metrics, and a data collection rule between them. It scrapes the pods of monitored services and evaluates their
 * alerts.
 *
 * The subscription needs the resource providers `Microsoft.Monitor` and `Microsoft.AlertsManagement`, which azurerm does not
 * register by default: set `resourceProvidersToRegister` of `AzurermProvider`.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/containers/kubernetes-monitoring-enable
 */
export class ManagedPrometheus extends Construct implements IPrometheus {
  /**
   * Uses an Azure Monitor workspace that already receives the metrics of the cluster. The agents scrape the services once
   * their namespaces are in the `podannotationnamespaceregex` of the ConfigMap `ama-metrics-settings-configmap`.
   */
  static fromManagedPrometheusAttributes(
    scope: Construct,
    id: string,
    attributes: ManagedPrometheusAttributes,
  ): IPrometheus {
    return new ImportedManagedPrometheus(scope, id, attributes);
  }

  readonly notifiesActionGroups = true;
  /** ARM id. */
  readonly monitorWorkspaceId: string;
  /** @default - an existing workspace is used */
  readonly monitorWorkspace?: MonitorWorkspace | undefined;
  readonly dataCollectionEndpoint: MonitorDataCollectionEndpoint;
  readonly dataCollectionRule: MonitorDataCollectionRule;
  readonly dataCollectionRuleAssociation: MonitorDataCollectionRuleAssociation;
  /** @default - `scrapeSettings` is false */
  readonly scrapeSettings?: ConfigMapV1 | undefined;
  private readonly workspace: ManagedPrometheusAttributes & {
    readonly tags: Record<string, string> | undefined;
  };
  private readonly namespaces = new Set<string>();

  constructor(scope: Construct, id: string, props: ManagedPrometheusProps) {
    super(scope, id);
    requireKnownProps(this, props, MANAGED_PROMETHEUS_PROPS);
    requireProvidersInStack(this);
    const { cluster, tags } = props;
    cluster.collectMetrics(this);
    const { provider, resourceGroupName, location } = cluster;
    const named = (rule: AzureNameRule) => azureName(this, rule, props.name);
    const common = {
      resourceGroupName,
      location,
      tags,
      provider,
    };
    if (props.monitorWorkspaceId === undefined) {
      this.monitorWorkspace = new MonitorWorkspace(this, 'Workspace', {
        ...common,
        name: named(AZURE_NAMES.monitoring),
      });
    }
    this.monitorWorkspaceId = props.monitorWorkspaceId ?? this.monitorWorkspace?.id ?? '';
    this.workspace = { cluster, monitorWorkspaceId: this.monitorWorkspaceId, tags };
    this.dataCollectionEndpoint = new MonitorDataCollectionEndpoint(this, 'DataCollectionEndpoint', {
      ...common,
      name: named(AZURE_NAMES.dataCollectionEndpoint),
      kind: 'Linux',
    });
    this.dataCollectionRule = new MonitorDataCollectionRule(this, 'DataCollectionRule', {
      ...common,
      name: named(AZURE_NAMES.dataCollectionRule),
      kind: 'Linux',
      dataCollectionEndpointId: this.dataCollectionEndpoint.id,
      dataSources: { prometheusForwarder: [{ name: 'Prometheus', streams: [STREAM] }] },
      destinations: {
        monitorAccount: [{ name: DESTINATION, monitorAccountId: this.monitorWorkspaceId }],
      },
      dataFlow: [{ streams: [STREAM], destinations: [DESTINATION] }],
    });
    this.dataCollectionRuleAssociation = new MonitorDataCollectionRuleAssociation(
      this,
      'DataCollectionRuleAssociation',
      {
        name: named(AZURE_NAMES.dataCollectionRule),
        targetResourceId: cluster.clusterId,
        dataCollectionRuleId: this.dataCollectionRule.id,
        provider,
      },
    );
    if (props.scrapeSettings ?? true) {
      this.scrapeSettings = new ConfigMapV1(this, 'ScrapeSettings', {
        provider: cluster.kubernetesProvider(this),
        metadata: { name: 'ama-metrics-settings-configmap', namespace: AGENT_NAMESPACE },
        data: {
          'schema-version': 'v1',
          'config-version': 'ver1',
          'pod-annotation-based-scraping': Lazy.stringValue({
            produce: () => `podannotationnamespaceregex = "${[...this.namespaces].join('|')}"`,
          }),
        },
        dependsOn: dependablesFor(this, cluster.dependables),
      });
    }
  }

  /** Declares the rule group of a service. `Monitoring` calls it. */
  bind(scope: Construct, monitored: MonitoredService): void {
    const pods = requirePods(scope, monitored.service, 'a ManagedPrometheus');
    this.namespaces.add(pods.namespace);
    scrapePolicy(scope, pods, AGENT_NAMESPACE);
    declareRuleGroup(scope, monitored, this.workspace);
  }
}

/** A workspace that already receives the metrics of a cluster. */
class ImportedManagedPrometheus extends Construct implements IPrometheus {
  readonly notifiesActionGroups = true;

  constructor(
    scope: Construct,
    id: string,
    private readonly attributes: ManagedPrometheusAttributes,
  ) {
    super(scope, id);
    requireKnownProps(this, attributes, { cluster: true, monitorWorkspaceId: true });
  }

  bind(scope: Construct, monitored: MonitoredService): void {
    scrapePolicy(scope, requirePods(scope, monitored.service, 'a ManagedPrometheus'), AGENT_NAMESPACE);
    declareRuleGroup(scope, monitored, this.attributes);
  }
}

function declareRuleGroup(
  scope: Construct,
  { service, alerts, actionGroups }: MonitoredService,
  {
    cluster,
    monitorWorkspaceId,
    tags,
  }: ManagedPrometheusAttributes & { readonly tags?: Record<string, string> | undefined },
): MonitorAlertPrometheusRuleGroup {
  if (actionGroups.length === 0) {
    addWarning(
      scope,
      'the alerts notify nobody and are only visible in the Azure portal; ' +
        "set actionGroups, such as [new ActionGroup(…, { emails: ['…'] })]",
    );
  }
  const { resourceGroupName, location, clusterName, provider } = cluster;
  return new MonitorAlertPrometheusRuleGroup(scope, 'RuleGroup', {
    name: azureName(scope, AZURE_NAMES.monitoring),
    resourceGroupName,
    location,
    scopes: [monitorWorkspaceId],
    clusterName,
    interval: 'PT1M',
    rule: alerts.map((alert) => ({
      alert: alert.name,
      expression: alert.expression,
      for: `PT${alert.forMinutes ?? DEFAULT_FOR_MINUTES}M`,
      severity: AZURE_SEVERITIES[alert.severity ?? AlertSeverity.WARNING],
      labels: alertLabels(alert, service.serviceName),
      annotations: alertAnnotations(alert),
      action: actionGroups.map(({ id }) => ({ actionGroupId: id })),
      alertResolution: { autoResolved: true, timeToResolve: 'PT10M' },
    })),
    tags,
    provider,
  });
}
