import type { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { requireQuantities } from '../kubernetes/kubernetes-quantity';
import { requireKnownNumber, requireNumber } from '../validation/synth-value';

/** When a replica counts as started, ready or alive. */
export interface OnlineProbe {
  /** @default 10 */
  readonly initialDelaySeconds?: number | undefined;
  /** @default 10 */
  readonly periodSeconds?: number | undefined;
  /** @default 2 */
  readonly timeoutSeconds?: number | undefined;
  /** Of a readiness probe; the others take 1 only. @default 1 */
  readonly successThreshold?: number | undefined;
  /** @default 30 */
  readonly failureThreshold?: number | undefined;
}

/** How a deployment takes requests. */
export interface OnlineRequestSettings {
  /** How long a request may take, in milliseconds. @default 5000 */
  readonly timeoutMilliseconds?: number | undefined;
  /** Requests that one replica works on at once. @default 1 */
  readonly maxConcurrentRequestsPerReplica?: number | undefined;
  /** How long a request may wait for its turn, in milliseconds. @default 500 */
  readonly maxQueueWaitMilliseconds?: number | undefined;
}

/** How many replicas a deployment has, by its load. */
export interface OnlineAutoscaling {
  /** @default 1 */
  readonly minReplicas?: number | undefined;
  readonly maxReplicas: number;
  /** Share of busy replicas above which replicas are added, in percent. @default 70 */
  readonly targetUtilizationPercent?: number | undefined;
  /** How often the load is looked at, in seconds. @default 1 */
  readonly pollingIntervalSeconds?: number | undefined;
}

/** What a replica gets in place of what its instance type says. */
export interface OnlineResources {
  /** Cores that are kept for it, `1` or `500m`. @default - the instance type's */
  readonly cpu?: string | undefined;
  /** Memory that is kept for it, `4Gi`. @default - the instance type's */
  readonly memory?: string | undefined;
  /** Cores that it may use at most. @default - the instance type's */
  readonly cpuLimit?: string | undefined;
  /** Memory at which it is ended. @default - the instance type's */
  readonly memoryLimit?: string | undefined;
  /** @default - the instance type's */
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
    // Source: "Configure Liveness, Readiness and Startup Probes" of the Kubernetes documentation.
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
    // Azure takes seconds, and Terraform cannot convert a token in a duration.
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

/** ISO 8601, as Azure's REST API has durations. */
function seconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `PT${value}S`;
}
