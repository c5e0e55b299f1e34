import { guid } from '../identity';
import { resourceGroupId } from '../resource-id';
import type { Resource, ResourceType } from '../resource-type';

export const insights: Readonly<Record<string, ResourceType>> = {
  'Microsoft.Insights/components': {
    // Azure adds an alert rule and an action group, which Terraform does not know.
    // See https://github.com/hashicorp/terraform-provider-azurerm/issues/18026.
    afterWrite: (component, azure) => {
      for (const id of [actionGroupId(component), alertRuleId(component)]) {
        azure.add(id, { location: 'global', properties: { state: 'Enabled' } });
      }
    },
    defaults: ({ id, name }) => {
      const key = guid(id, 'instrumentation');
      return {
        properties: {
          AppId: guid(id, 'application'),
          InstrumentationKey: key,
          ConnectionString: `InstrumentationKey=${key}`,
          ApplicationId: name,
          RetentionInDays: 90,
          IngestionMode: 'LogAnalytics',
          publicNetworkAccessForIngestion: 'Enabled',
          publicNetworkAccessForQuery: 'Enabled',
          Flow_Type: 'Redfield',
          Request_Source: 'IbizaAIExtension',
        },
      };
    },
    // The action group stays.
    afterRemove: (component, azure) => {
      azure.remove(alertRuleId(component));
    },
  },
  'Microsoft.Insights/actionGroups': {},
  'Microsoft.Insights/autoscaleSettings': {
    defaults: ({ name }) => ({ properties: { name, enabled: true, notifications: [] } }),
  },
  'Microsoft.Insights/dataCollectionEndpoints': {
    defaults: () => ({ properties: { networkAcls: { publicNetworkAccess: 'Enabled' } } }),
  },
  'Microsoft.Insights/dataCollectionRules': {},
  'Microsoft.Insights/dataCollectionRuleAssociations': {},
  'Microsoft.Insights/diagnosticSettings': {},
  'Microsoft.Insights/metricAlerts': {},
  'Microsoft.AlertsManagement/prometheusRuleGroups': {},
  'Microsoft.Monitor/accounts': {
    defaults: ({ id }) => ({
      properties: {
        accountId: guid(id, 'account'),
        publicNetworkAccess: 'Enabled',
        metrics: { prometheusQueryEndpoint: 'https://simulated.eastus.prometheus.monitor.azure.com' },
      },
    }),
  },
  'Microsoft.AlertsManagement/smartDetectorAlertRules': {},
  'Microsoft.OperationalInsights/workspaces': {
    defaults: ({ id }) => ({
      properties: {
        customerId: guid(id, 'customer'),
        workspaceCapping: { dailyQuotaGb: -1 },
        retentionInDays: 30,
        publicNetworkAccessForIngestion: 'Enabled',
        publicNetworkAccessForQuery: 'Enabled',
        features: {
          enableLogAccessUsingOnlyResourcePermissions: true,
          disableLocalAuth: false,
          immediatePurgeDataOn30Days: false,
        },
      },
    }),
    actions: {
      sharedkeys: () => ({ primarySharedKey: 'cHJpbWFyeQ==', secondarySharedKey: 'c2Vjb25kYXJ5' }),
    },
  },
};

function actionGroupId({ id }: Resource): string {
  return `${resourceGroupId(id) ?? ''}/providers/Microsoft.Insights/actionGroups/Application Insights Smart Detection`;
}

function alertRuleId({ id, name }: Resource): string {
  return `${resourceGroupId(id) ?? ''}/providers/Microsoft.AlertsManagement/smartDetectorAlertRules/Failure Anomalies - ${name}`;
}
