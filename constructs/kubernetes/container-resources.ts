import type { IConstruct } from 'constructs';

import { requireNumber } from '../validation/synth-value';

/** What a container may use. */
export interface ContainerResources {
  /** Cores that are set aside for it. */
  readonly cpu?: number | undefined;
  /** Cores that it may use at most. @default - as many as are set aside */
  readonly cpuLimit?: number | undefined;
  /** MiB that are set aside for it. */
  readonly memory?: number | undefined;
  /** MiB that it may use; one that needs more is restarted. @default - as many as are set aside */
  readonly memoryLimit?: number | undefined;
}

/** @internal */
export interface KubernetesResources {
  readonly requests: Record<string, string>;
  readonly limits: Record<string, string>;
}

/** Resources with every number known. @internal */
export type KnownResources = Required<ContainerResources>;

/**
 * @param defaults where a number is not given
 * @internal
 */
export function knownResources(
  scope: IConstruct,
  property: string,
  given: ContainerResources | undefined,
  defaults: KnownResources,
): KnownResources {
  const { cpu = defaults.cpu, memory = defaults.memory } = given ?? {};
  const cpuLimit = given?.cpuLimit ?? Math.max(cpu, defaults.cpuLimit);
  const memoryLimit = given?.memoryLimit ?? Math.max(memory, defaults.memoryLimit);
  const positive = (value: number) => value > 0;
  requireNumber(scope, `${property}.cpu`, cpu, 'a number of cores above 0, such as 0.5', positive);
  requireNumber(scope, `${property}.memory`, memory, 'a number of MiB above 0, such as 1024', positive);
  const least = (of: number) => (value: number) => value >= of;
  requireNumber(scope, `${property}.cpuLimit`, cpuLimit, `no less than the ${cpu} of cpu`, least(cpu));
  requireNumber(
    scope,
    `${property}.memoryLimit`,
    memoryLimit,
    `no less than the ${memory} of memory`,
    least(memory),
  );
  return { cpu, cpuLimit, memory, memoryLimit };
}

/** @internal */
export function kubernetesResources(
  resources: KnownResources,
  devices: Record<string, string> = {},
): KubernetesResources {
  const { cpu, cpuLimit, memory, memoryLimit } = resources;
  const cores = (value: number) => (Number.isInteger(value) ? `${value}` : `${Math.round(value * 1000)}m`);
  return {
    requests: { cpu: cores(cpu), memory: `${memory}Mi`, ...devices },
    limits: { cpu: cores(cpuLimit), memory: `${memoryLimit}Mi`, ...devices },
  };
}
