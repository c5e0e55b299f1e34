import { Environment, ScoringCluster, Workspace, type EnvironmentProps } from '../../../constructs';
import { azureStack } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const LOGS = 'azurerm_monitor_diagnostic_setting';

describe('an environment', () => {
  let project: TestProject;
  beforeEach(() => {
    project = new TestProject();
  });
  afterEach(() => {
    project.leave();
  });

  function declare(environment?: Environment, ofCluster?: Environment): TerraformJson {
    const stack = azureStack(project);
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope', environment });
    new ScoringCluster(stack, 'Cluster', { workspace, environment: ofCluster });
    return new TerraformJson(stack);
  }

  it('of production is set once, on the workspace: uptime SLA, maintenance window, replicas, logs', () => {
    const json = declare(Environment.production({ zones: ['1', '2', '3'] }));
    const maintenance = {
      frequency: 'Weekly',
      interval: 1,
      duration: 4,
      day_of_week: 'Sunday',
      start_time: '02:00',
      utc_offset: '+00:00',
    };
    const logAnalytics = `\${${json.address('azurerm_log_analytics_workspace')}.id}`;

    expect(json.only('azurerm_kubernetes_cluster')).toMatchObject({
      sku_tier: 'Standard',
      azure_policy_enabled: true,
      maintenance_window_auto_upgrade: maintenance,
      maintenance_window_node_os: maintenance,
      oms_agent: { log_analytics_workspace_id: logAnalytics, msi_auth_for_monitoring_enabled: true },
      default_node_pool: { node_count: 3, zones: ['1', '2', '3'] },
    });
    expect(json.only('azurerm_kubernetes_cluster_node_pool')).toMatchObject({ zones: ['1', '2', '3'] });
    expect(json.only('azurerm_container_registry')).toMatchObject({
      sku: 'Premium',
      zone_redundancy_enabled: true,
      retention_policy_in_days: 30,
    });
    expect(json.only('azurerm_storage_account')).toMatchObject({ account_replication_type: 'ZRS' });
    expect(json.only('azurerm_log_analytics_workspace')).toMatchObject({ retention_in_days: 90 });
    for (const setting of json.all(LOGS)) {
      expect(setting).toMatchObject({ log_analytics_workspace_id: logAnalytics });
    }
  });

  it('of production keeps who did what: to models, blobs, secrets, images and the cluster', () => {
    const json = declare(Environment.production());
    const targets = json.all(LOGS).map(({ target_resource_id: id }) => id);

    expect(targets.sort()).toEqual(
      [
        `\${${json.address('azapi_resource', 'MachineLearningServices/workspaces')}.id}`,
        `\${${json.address('azurerm_container_registry')}.id}`,
        `\${${json.address('azurerm_key_vault')}.id}`,
        `\${${json.address('azurerm_kubernetes_cluster')}.id}`,
        `\${${json.address('azurerm_storage_account')}.id}/blobServices/default`,
      ].sort(),
    );
    const { enabled_log: logs, log_analytics_destination_type: type } = json.at(LOGS, 'Cluster/Logs');
    const categories = (logs as { category: string }[]).map(({ category }) => category);
    expect(type).toBe('Dedicated');
    expect(categories).toContain('kube-audit-admin');
    expect(categories).not.toContain('kube-audit');
  });

  it('of production collects the logs of containers with managed identities', () => {
    const json = declare(Environment.production());

    expect(json.only('azurerm_monitor_data_collection_rule')).toMatchObject({
      data_flow: [{ streams: expect.arrayContaining(['Microsoft-ContainerLogV2']) as string[] }],
      destinations: {
        log_analytics: [
          { workspace_resource_id: `\${${json.address('azurerm_log_analytics_workspace')}.id}` },
        ],
      },
    });
    expect(json.only('azurerm_monitor_data_collection_rule_association')).toMatchObject({
      name: 'ContainerInsightsExtension',
      target_resource_id: `\${${json.address('azurerm_kubernetes_cluster')}.id}`,
    });
  });

  it('of development, the default, costs little', () => {
    const json = declare();

    expect(json.only('azurerm_kubernetes_cluster')).toMatchObject({
      sku_tier: 'Free',
      azure_policy_enabled: true,
    });
    expect(json.only('azurerm_kubernetes_cluster')).not.toHaveProperty('oms_agent');
    expect(json.only('azurerm_kubernetes_cluster')).not.toHaveProperty('maintenance_window_auto_upgrade');
    expect(json.only('azurerm_container_registry')).toMatchObject({ sku: 'Standard' });
    expect(json.only('azurerm_storage_account')).toMatchObject({ account_replication_type: 'LRS' });
    expect(json.all(LOGS)).toEqual([]);
    expect(json.all('azurerm_monitor_data_collection_rule')).toEqual([]);
  });

  it.each<[keyof EnvironmentProps, EnvironmentProps]>([
    ['zones', { zones: ['1', '2'] }],
    ['clusterTier', { clusterTier: 'Premium' }],
    ['maintenanceWindow', { maintenanceWindow: { dayOfWeek: 'Friday', startTime: '01:00' } }],
    ['azurePolicy', { azurePolicy: false }],
    ['containerInsights', { containerInsights: false }],
    ['encryptionAtHost', { encryptionAtHost: true }],
    ['diagnostics', { diagnostics: false }],
    ['logAnalyticsWorkspaceId', { logAnalyticsWorkspaceId: '/logs' }],
    ['logRetentionDays', { logRetentionDays: 365 }],
    ['containerRegistrySku', { containerRegistrySku: 'Standard' }],
    ['storageReplication', { storageReplication: 'GZRS' }],
  ])('of production can differ in %s alone', (setting, props) => {
    const stack = azureStack(project);
    const preset = Environment.production().bind(stack);
    const settings = Environment.production(props).bind(stack);
    expect(settings[setting]).toEqual(props[setting]);
    expect(settings[setting]).not.toEqual(preset[setting]);
    // Storage is replicated over the zones, if there are some.
    const replication = setting === 'zones' ? { storageReplication: 'ZRS' } : {};
    expect(settings).toEqual({ ...preset, ...props, ...replication });
  });

  it('can differ between a workspace and a cluster', () => {
    const logAnalyticsWorkspaceId = '/logs';
    const json = declare(
      Environment.production({
        storageReplication: 'GZRS',
        logAnalyticsWorkspaceId,
        containerInsights: undefined,
      }),
      Environment.development({
        zones: ['2'],
        diagnostics: true,
        logAnalyticsWorkspaceId,
        maintenanceWindow: { dayOfWeek: 'Monday', startTime: '23:30', durationHours: 6 },
      }),
    );

    expect(json.only('azurerm_storage_account')).toMatchObject({ account_replication_type: 'GZRS' });
    expect(json.only('azurerm_kubernetes_cluster')).toMatchObject({
      sku_tier: 'Free',
      maintenance_window_node_os: { day_of_week: 'Monday', start_time: '23:30', duration: 6 },
      default_node_pool: { zones: ['2'] },
    });
    expect(json.all(LOGS)).toHaveLength(5);
    for (const setting of json.all(LOGS)) {
      expect(setting).toMatchObject({ log_analytics_workspace_id: '/logs' });
    }
  });

  it.each<[string, EnvironmentProps]>([
    ['clusterTier is "Paid"; expected Free, Standard or Premium', { clusterTier: 'Paid' }],
    ['containerRegistrySku is "Gold"; expected Basic, Standard or Premium', { containerRegistrySku: 'Gold' }],
    [
      'storageReplication is "XRS"; expected LRS, ZRS, GRS, GZRS, RAGRS or RAGZRS',
      { storageReplication: 'XRS' },
    ],
    ['logRetentionDays is 7; expected a whole number from 30 to 730', { logRetentionDays: 7 }],
    [
      'maintenanceWindow.dayOfWeek is "sun"; expected Monday, Tuesday, Wednesday, Thursday, Friday, Saturday or Sunday',
      { maintenanceWindow: { dayOfWeek: 'sun', startTime: '02:00' } },
    ],
    [
      'maintenanceWindow.startTime is "2:00"; expected a time in UTC, such as 02:00',
      { maintenanceWindow: { dayOfWeek: 'Sunday', startTime: '2:00' } },
    ],
    [
      'maintenanceWindow.durationHours is 1; expected a whole number from 4 to 24',
      { maintenanceWindow: { dayOfWeek: 'Sunday', startTime: '02:00', durationHours: 1 } },
    ],
  ])('rejects: %s', (message, props) => {
    expect(refusal(() => declare(Environment.production(props)))).toBe(`stack/Workspace: ${message}`);
  });

  it('needs a Log Analytics workspace for logs', () => {
    const stack = azureStack(project);
    expect(
      refusal(
        () =>
          new ScoringCluster(stack, 'Cluster', {
            resourceGroupName: 'scoring',
            location: 'westeurope',
            environment: Environment.production(),
          }),
      ),
    ).toBe(
      'stack/Cluster: environment has containerInsights, but the stack knows no Log Analytics workspace; ' +
        'set logAnalyticsWorkspaceId of the environment, or set containerInsights to false',
    );
  });
});
