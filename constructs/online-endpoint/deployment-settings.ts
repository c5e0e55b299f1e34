import type { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { requireQuantities } from '../kubernetes/kubernetes-quantity';
import { requireKnownNumber, requireNumber } from '../validation/synth-value';

/** Settings of a startup, readiness or liveness probe. */
export interface OnlineProbe {
  /** @default 10 */
  readonly initialDelaySeconds?: number | undefined;
  /** @default 10 */
  readonly periodSeconds?: number | undefined;
  /** @default 2 */
  readonly timeoutSeconds?: number | undefined;
  /** Applies to readiness probes; must be 1 for others. @default 1 */
  readonly successThreshold?: number | undefined;
  /** @default 30 */
  readonly failureThreshold?: number | undefined;
}

/** Request settings of a deployment. */
export interface OnlineRequestSettings {
  /** Request timeout in milliseconds. @default 5000 */
  readonly timeoutMilliseconds?: number | undefined;
  /** Maximum number of concurrent requests per replica. @default 1 */
  readonly maxConcurrentRequestsPerReplica?: number | undefined;
  /** Maximum time that a request waits in the queue, in milliseconds. @default 500 */
  readonly maxQueueWaitMilliseconds?: number | undefined;
}

/** Autoscaling settings of a deployment. */
export interface OnlineAutoscaling {
  /** @default 1 */
  readonly minReplicas?: number | undefined;
  readonly maxReplicas: number;
  /** Percentage of busy replicas above which replicas are added. @default 70 */
  readonly targetUtilizationPercent?: number | undefined;
  /** Interval at which the load is measured, in seconds. @default 1 */
  readonly pollingIntervalSeconds?: number | undefined;
}

/** Resources of a replica that override those of its instance type. */
export interface OnlineResources {
  /** Requested CPU, for example `1` or `500m`. @default - the value of the instance type */
  readonly cpu?: string | undefined;
  /** Requested memory, for example `4Gi`. @default - the value of the instance type */
  readonly memory?: string | undefined;
  /** CPU limit. @default - the value of the instance type */
  readonly cpuLimit?: string | undefined;
  /** Memory limit. A replica that exceeds it is killed. @default - the value of the instance type */
  readonly memoryLimit?: string | undefined;
  /** Number of GPUs. @default - the value of the instance type */
  readonly gpus?: number | undefined;
}

/** @internal */
export function probeBody(
  scope: Construct,
  what: string,
  probe: OnlineProbe,
): Readonly<Record<string, unknown>> {
  for (const [name, value] of Object.entries(probe) as [string, number | undefined][]) {
    requireNumber(scope, `${name} of ${what}`, value, wholeNumber(1));
  }
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, successThreshold, failureThreshold } = probe;
  if (what !== 'readinessProbe') {
    // @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
    requireNumber(scope, `successThreshold of ${what}`, successThreshold, {
      ...wholeNumber(1, 1),
      expected: '1, the only value that Kubernetes accepts for liveness and startup probes',
    });
  }
  return {
    initialDelay: seconds(initialDelaySeconds),
    period: seconds(periodSeconds),
    timeout: seconds(timeoutSeconds),
    successThreshold,
    failureThreshold,
  };
}

/** @internal */
export function requestSettingsBody(
  scope: Construct,
  settings: OnlineRequestSettings,
): Readonly<Record<string, unknown>> {
  const { timeoutMilliseconds, maxConcurrentRequestsPerReplica, maxQueueWaitMilliseconds } = settings;
  for (const [name, value] of Object.entries({ timeoutMilliseconds, maxQueueWaitMilliseconds })) {
    // Azure expects a duration, and Terraform cannot convert a token to one.
    requireKnownNumber(scope, name, value, wholeNumber(1));
  }
  requireNumber(scope, 'maxConcurrentRequestsPerReplica', maxConcurrentRequestsPerReplica, wholeNumber(1));
  return {
    requestTimeout: timeoutMilliseconds && seconds(timeoutMilliseconds / 1000),
    maxConcurrentRequestsPerInstance: maxConcurrentRequestsPerReplica,
    maxQueueWait: maxQueueWaitMilliseconds && seconds(maxQueueWaitMilliseconds / 1000),
  };
}

/** @internal */
export function autoscalingBody(
  scope: Construct,
  {
    minReplicas = 1,
    maxReplicas,
    targetUtilizationPercent = 70,
    pollingIntervalSeconds = 1,
  }: OnlineAutoscaling,
): Readonly<Record<string, unknown>> {
  requireNumber(scope, 'minReplicas', minReplicas, wholeNumber(1));
  requireNumber(scope, 'maxReplicas', maxReplicas, {
    ...wholeNumber(minReplicas),
    expected: `a whole number of at least ${minReplicas} (minReplicas)`,
  });
  requireNumber(scope, 'targetUtilizationPercent', targetUtilizationPercent, wholeNumber(1, 100));
  requireNumber(scope, 'pollingIntervalSeconds', pollingIntervalSeconds, wholeNumber(1));
  return {
    scaleType: 'TargetUtilization',
    minInstances: minReplicas,
    maxInstances: maxReplicas,
    targetUtilizationPercentage: targetUtilizationPercent,
    pollingInterval: seconds(pollingIntervalSeconds),
  };
}

/** @internal */
export function resourcesBody(
  scope: Construct,
  resources: OnlineResources,
): Readonly<Record<string, unknown>> {
  requireQuantities(scope, ' of resources', resources);
  const { cpu, memory, cpuLimit, memoryLimit, gpus } = resources;
  const gpu = gpus !== undefined && { gpu: String(gpus) };
  return {
    containerResourceRequests: {
      cpu,
      memory,
      ...gpu,
    },
    containerResourceLimits: {
      cpu: cpuLimit,
      memory: memoryLimit,
      ...gpu,
    },
  };
}

/** Formats a duration as ISO 8601, as Azure's REST API expects it. */
function seconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `PT${value}S`;
}
