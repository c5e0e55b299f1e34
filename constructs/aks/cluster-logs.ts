import { Construct } from 'constructs';

import {
  MonitorDataCollectionRule,
  MonitorDataCollectionRuleAssociation,
  type MonitorDiagnosticSetting,
} from '../bindings/azurerm';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import { resourceLogs } from '../azure/resource-logs';
import type { IScoringCluster } from './scoring-cluster-reference';

/**
 * Logs of the control plane. `kube-audit` is omitted, because it records every read and is usually the largest cost of a
 * cluster's logs; `kube-audit-admin` records every change.
 * @see https://learn.microsoft.com/azure/aks/monitor-aks-reference#resource-logs
 */
const CONTROL_PLANE_LOGS = [
  'cloud-controller-manager',
  'cluster-autoscaler',
  'guard',
  'kube-apiserver',
  'kube-audit-admin',
  'kube-controller-manager',
  'kube-scheduler',
];

/** Logs of the containers, events and pods. Metrics are collected by managed Prometheus, which costs less. */
const STREAMS = ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents', 'Microsoft-KubePodInventory'];
const DESTINATION = 'LogAnalytics';

/** Sends the logs of a cluster's control plane to Log Analytics. @internal */
export function controlPlaneLogs(
  scope: Construct,
  { clusterId, provider }: IScoringCluster,
  logAnalyticsWorkspaceId: string,
): MonitorDiagnosticSetting {
  const logs = CONTROL_PLANE_LOGS.map((category) => ({ category }));
  // Tables of their own, which cost less to query than the shared one.
  return resourceLogs(scope, 'Logs', clusterId, { logAnalyticsWorkspaceId, provider }, logs, 'Dedicated');
}

/** @internal */
export interface ContainerInsightsProps {
  readonly cluster: IScoringCluster;
  readonly logAnalyticsWorkspaceId: string;
  readonly tags?: Record<string, string> | undefined;
}

/**
 * What the agents of Container Insights collect, and where it is kept. With managed identities, the add-on alone collects
 * nothing.
 * @see https://learn.microsoft.com/azure/azure-monitor/containers/kubernetes-monitoring-enable
 */
export class ContainerInsights extends Construct {
  readonly dataCollectionRule: MonitorDataCollectionRule;
  readonly dataCollectionRuleAssociation: MonitorDataCollectionRuleAssociation;

  /** @internal Declared only by a cluster. */
  static _declare(scope: Construct, id: string, props: ContainerInsightsProps): ContainerInsights {
    return new ContainerInsights(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: ContainerInsightsProps) {
    super(scope, id);
    const { cluster, logAnalyticsWorkspaceId: workspaceResourceId, tags } = props;
    const { provider, resourceGroupName, location } = cluster;
    this.dataCollectionRule = new MonitorDataCollectionRule(this, 'DataCollectionRule', {
      name: azureName(this, AZURE_NAMES.dataCollectionRule),
      resourceGroupName,
      location,
      kind: 'Linux',
      dataSources: {
        extension: [
          {
            name: 'ContainerInsights',
            extensionName: 'ContainerInsights',
            streams: STREAMS,
            extensionJson: JSON.stringify({
              dataCollectionSettings: {
                interval: '1m',
                namespaceFilteringMode: 'Off',
                enableContainerLogV2: true,
              },
            }),
          },
        ],
      },
      destinations: { logAnalytics: [{ name: DESTINATION, workspaceResourceId }] },
      dataFlow: [{ streams: STREAMS, destinations: [DESTINATION] }],
      tags,
      provider,
    });
    this.dataCollectionRuleAssociation = new MonitorDataCollectionRuleAssociation(this, 'Association', {
      // Container Insights finds its rule by this name.
      name: 'ContainerInsightsExtension',
      targetResourceId: cluster.clusterId,
      dataCollectionRuleId: this.dataCollectionRule.id,
      provider,
    });
  }
}
