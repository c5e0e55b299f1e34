import type { IConstruct } from 'constructs';

import { numberAbove, numberFrom } from '../../lib/validation/number-range';
import { requireNumber } from '../validation/synth-value';

/** Requests and limits of a container. */
export interface ContainerResources {
  /** Requested CPU cores, such as 0.5. */
  readonly cpuCores?: number | undefined;
  /** Maximum CPU cores. @default - the request, or more */
  readonly cpuLimitCores?: number | undefined;
  /** Requested memory in MiB. */
  readonly memoryMiB?: number | undefined;
  /** Maximum memory in MiB; a container that needs more is restarted. @default - the request, or more */
  readonly memoryLimitMiB?: number | undefined;
}

/** @internal */
export interface KubernetesResources {
  readonly requests: Record<string, string>;
  readonly limits: Record<string, string>;
}

/** Resources with all defaults applied. @internal */
export type KnownResources = Required<ContainerResources>;

/**
 * Applies the defaults and validates the result.
 * @param defaults Values of the props that are not set.
 * @internal
 */
export function knownResources(
  scope: IConstruct,
  property: string,
  given: ContainerResources | undefined,
  defaults: KnownResources,
): KnownResources {
  const { cpuCores = defaults.cpuCores, memoryMiB = defaults.memoryMiB } = given ?? {};
  const cpuLimitCores = given?.cpuLimitCores ?? Math.max(cpuCores, defaults.cpuLimitCores);
  const memoryLimitMiB = given?.memoryLimitMiB ?? Math.max(memoryMiB, defaults.memoryLimitMiB);
  requireNumber(scope, `${property}.cpuCores`, cpuCores, numberAbove(0));
  requireNumber(scope, `${property}.memoryMiB`, memoryMiB, numberAbove(0));
  requireNumber(scope, `${property}.cpuLimitCores`, cpuLimitCores, {
    ...numberFrom(cpuCores),
    expected: `a number of at least ${cpuCores} (cpuCores)`,
  });
  requireNumber(scope, `${property}.memoryLimitMiB`, memoryLimitMiB, {
    ...numberFrom(memoryMiB),
    expected: `a number of at least ${memoryMiB} (memoryMiB)`,
  });
  return { cpuCores, cpuLimitCores, memoryMiB, memoryLimitMiB };
}

/** @internal */
export function kubernetesResources(
  resources: KnownResources,
  devices: Record<string, string> = {},
): KubernetesResources {
  const { cpuCores, cpuLimitCores, memoryMiB, memoryLimitMiB } = resources;
  const cores = (value: number) => (Number.isInteger(value) ? `${value}` : `${Math.round(value * 1000)}m`);
  return {
    requests: { cpu: cores(cpuCores), memory: `${memoryMiB}Mi`, ...devices },
    limits: { cpu: cores(cpuLimitCores), memory: `${memoryLimitMiB}Mi`, ...devices },
  };
}
