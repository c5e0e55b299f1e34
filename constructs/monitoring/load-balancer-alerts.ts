import type { Construct } from 'constructs';

import { MonitorMetricAlert } from '../bindings/azurerm';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import type { AzureResource } from '../azure/azure-resource';
import type { AzureLoadBalancer } from '../webservice/webservice';

/** Metrics that a load balancer with the SKU Standard has, as percentages. */
const PROBES = [
  {
    id: 'ReplicasNotReady',
    metricName: 'DipAvailability',
    threshold: 100,
    severity: 2,
    windowSize: 'PT15M',
    description: (name: string) => `Replicas of ${name} do not answer the health probe of the load balancer.`,
    section: 'brainwavereplicasnotready',
  },
  {
    id: 'Unreachable',
    metricName: 'VipAvailability',
    threshold: 90,
    severity: 0,
    windowSize: 'PT5M',
    description: (name: string) => `The load balancer of ${name} does not reach a healthy replica.`,
    section: 'brainwavemetricsmissing',
  },
] as const;

/**
 * Declares alerts on the platform metrics of a load balancer, which Azure Monitor has without a Prometheus.
 * @see https://learn.microsoft.com/azure/load-balancer/load-balancer-standard-diagnostics
 * @internal
 */
export function loadBalancerAlerts(
  scope: Construct,
  serviceName: string,
  { loadBalancerId, resourceGroupName, provider }: AzureLoadBalancer,
  actionGroups: readonly AzureResource[],
  runbookUrl: string | undefined,
): MonitorMetricAlert[] {
  return PROBES.map(
    ({ id, metricName, threshold, severity, windowSize, description, section }) =>
      new MonitorMetricAlert(scope, id, {
        name: `${azureName(scope, AZURE_NAMES.monitoring)}-${id.toLowerCase()}`,
        resourceGroupName,
        scopes: [loadBalancerId],
        description: [
          description(serviceName),
          ...(runbookUrl === undefined ? [] : [`${runbookUrl}#${section}`]),
        ].join(' '),
        severity,
        frequency: 'PT1M',
        windowSize,
        criteria: [
          {
            metricNamespace: 'Microsoft.Network/loadBalancers',
            metricName,
            aggregation: 'Average',
            operator: 'LessThan',
            threshold,
          },
        ],
        action: actionGroups.map((group) => ({ actionGroupId: group.id })),
        provider,
      }),
  );
}
