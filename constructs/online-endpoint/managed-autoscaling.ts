import type { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import { MonitorAutoscaleSetting } from '../bindings/azurerm';
import { requireKnownNumber } from '../validation/synth-value';
import type { AzureWorkspace } from '../workspace/workspace-reference';
import type { OnlineAutoscaling } from './deployment-settings';

interface ManagedAutoscalingProps {
  readonly autoscaling: OnlineAutoscaling;
  readonly deploymentId: string;
  readonly azure: AzureWorkspace;
  readonly tags: Record<string, string> | undefined;
}

const DEFAULT_UTILIZATION = 70;

/**
 * Declares the rules of Azure Monitor that scale a deployment whose machines Azure manages: a machine more if their CPUs are busier
 * than the target on average, one less if they are busy for less than half of it.
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-autoscale-endpoints
 * @internal
 */
export function managedAutoscaling(
  scope: Construct,
  { autoscaling, deploymentId, azure, tags }: ManagedAutoscalingProps,
): MonitorAutoscaleSetting {
  const { minReplicas = 1, maxReplicas, targetUtilizationPercent = DEFAULT_UTILIZATION } = autoscaling;
  requireKnownNumber(scope, 'minReplicas', minReplicas, wholeNumber(1));
  requireKnownNumber(scope, 'maxReplicas', maxReplicas, {
    ...wholeNumber(minReplicas),
    expected: `a whole number of at least ${minReplicas} (minReplicas)`,
  });
  requireKnownNumber(scope, 'targetUtilizationPercent', targetUtilizationPercent, wholeNumber(1, 100));
  const rule = (operator: string, threshold: number, direction: string) => ({
    metricTrigger: {
      metricName: 'CpuUtilizationPercentage',
      metricResourceId: deploymentId,
      timeGrain: 'PT1M',
      statistic: 'Average',
      timeWindow: 'PT5M',
      timeAggregation: 'Average',
      operator,
      threshold,
    },
    scaleAction: { direction, type: 'ChangeCount', value: 1, cooldown: 'PT5M' },
  });
  return new MonitorAutoscaleSetting(scope, 'Autoscaling', {
    name: azureName(scope, AZURE_NAMES.monitoring),
    resourceGroupName: azure.resourceGroupName,
    location: azure.location,
    targetResourceId: deploymentId,
    profile: [
      {
        name: 'cpu',
        capacity: { default: minReplicas, minimum: minReplicas, maximum: maxReplicas },
        rule: [
          rule('GreaterThan', targetUtilizationPercent, 'Increase'),
          rule('LessThan', Math.floor(targetUtilizationPercent / 2), 'Decrease'),
        ],
      },
    ],
    tags,
    provider: azure.provider,
  });
}
