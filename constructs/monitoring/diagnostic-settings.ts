import type { MonitorDiagnosticSettingEnabledLog } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { MonitorDiagnosticSetting } from '../bindings/azurerm';
import type { IScoringCluster } from '../aks/scoring-cluster-reference';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireAzureWorkspace, type IWorkspace } from '../workspace/workspace-reference';

/** Whose logs are kept, and where. */
export interface DiagnosticSettingsProps {
  /** Workspace whose logs are kept, with those of its key vault and container registry. */
  readonly workspace: IWorkspace;
  /**
   * Cluster whose control plane logs are kept.
   * @default - none
   */
  readonly cluster?: IScoringCluster | undefined;
  /**
   * ARM id of the Log Analytics workspace that keeps the logs.
   * @default - the one of the workspace's Application Insights, if the stack declares or names it
   */
  readonly logAnalyticsWorkspaceId?: string | undefined;
}

const DIAGNOSTIC_SETTINGS_PROPS: KnownKeys<DiagnosticSettingsProps> = {
  workspace: true,
  cluster: true,
  logAnalyticsWorkspaceId: true,
};

/**
 * Logs of the control plane. `kube-audit` is omitted, because it records every read and is usually the largest cost of a
 * cluster's logs; `kube-audit-admin` records every change.
 * @see https://learn.microsoft.com/azure/aks/monitor-aks-reference#resource-logs
 */
const CLUSTER_LOGS = [
  'cloud-controller-manager',
  'cluster-autoscaler',
  'guard',
  'kube-apiserver',
  'kube-audit-admin',
  'kube-controller-manager',
  'kube-scheduler',
];

/**
 * Sends logs of Azure resources to Log Analytics: access to models and deployments of the workspace, access to secrets, pulls
 * of images, and the control plane of a cluster. Without it, Azure does not keep them.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings
 */
export class DiagnosticSettings extends Construct {
  readonly workspace: MonitorDiagnosticSetting;
  /** @default - the stack does not know the key vault */
  readonly keyVault?: MonitorDiagnosticSetting | undefined;
  /** @default - the workspace has no container registry */
  readonly containerRegistry?: MonitorDiagnosticSetting | undefined;
  /** @default - no cluster */
  readonly cluster?: MonitorDiagnosticSetting | undefined;

  constructor(scope: Construct, id: string, props: DiagnosticSettingsProps) {
    super(scope, id);
    requireKnownProps(this, props, DIAGNOSTIC_SETTINGS_PROPS);
    const azure = requireAzureWorkspace(this, props.workspace, 'diagnostic settings');
    const { cluster, logAnalyticsWorkspaceId = azure.logAnalyticsWorkspaceId } = props;
    if (logAnalyticsWorkspaceId === undefined) {
      throw new ConstructError(
        this,
        'logAnalyticsWorkspaceId is missing, and the workspace does not have one that the stack knows; set it',
      );
    }
    const declare = (
      what: string,
      targetResourceId: string,
      enabledLog: MonitorDiagnosticSettingEnabledLog[],
      provider: TerraformProvider | undefined,
      logAnalyticsDestinationType?: string,
    ) =>
      new MonitorDiagnosticSetting(this, what, {
        name: 'cdktf-brainwave',
        targetResourceId,
        logAnalyticsWorkspaceId,
        logAnalyticsDestinationType,
        enabledLog,
        provider,
      });
    const { provider, keyVaultId, containerRegistryId } = azure;
    this.workspace = declare('Workspace', azure.workspaceId, [{ categoryGroup: 'allLogs' }], provider);
    if (keyVaultId !== undefined) {
      this.keyVault = declare('KeyVault', keyVaultId, [{ categoryGroup: 'audit' }], provider);
    }
    if (containerRegistryId !== undefined) {
      this.containerRegistry = declare(
        'ContainerRegistry',
        containerRegistryId,
        [{ categoryGroup: 'allLogs' }],
        provider,
      );
    }
    if (cluster) {
      // Tables of their own, which cost less to query than the shared one.
      this.cluster = declare(
        'Cluster',
        cluster.clusterId,
        CLUSTER_LOGS.map((category) => ({ category })),
        cluster.provider,
        'Dedicated',
      );
    }
  }
}
