import { Token } from 'cdktf';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { outOfRange, wholeNumber } from '../../lib/validation/number-range';
import { findUnknownKey, type KnownKeys } from '../../lib/validation/known-keys';
import { GPUS_PER_NODE, unusableGpuSize } from './gpu-sizes';

/** The accelerator is invalid. */
export class AcceleratorError extends BrainwaveError {
  readonly code = 'ACCELERATOR_INVALID';
}

/** Taint of a node pool. Pods that do not tolerate it are not scheduled on its nodes. */
export interface NodeTaint {
  readonly key: string;
  readonly value: string;
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
  readonly effect: string;
}

/** VM size and devices of custom nodes. */
export interface CustomAcceleratorProps {
  /**
   * Azure VM size of the nodes; `ScoringCluster` needs it.
   * @default - not machines on Azure
   */
  readonly vmSize?: string | undefined;
  /** Number of devices per node. */
  readonly devicesPerNode: number;
  /** Name of the extended resource that the device plugin advertises, such as `nvidia.com/gpu`. */
  readonly resourceName: string;
  /**
   * Name of the devices in messages.
   * @default 'devices'
   */
  readonly deviceName?: string | undefined;
  /** @default - `sku=gpu:NoSchedule`, the same as for GPUs on AKS */
  readonly taint?: NodeTaint | undefined;
}

const CUSTOM_ACCELERATOR_PROPS: KnownKeys<CustomAcceleratorProps> = {
  vmSize: true,
  devicesPerNode: true,
  resourceName: true,
  deviceName: true,
  taint: { key: true, value: true, effect: true },
};

/**
 * Taint that the AKS documentation uses for GPU nodes.
 * @see https://learn.microsoft.com/azure/aks/use-nvidia-gpu
 */
const GPU_TAINT: NodeTaint = { key: 'sku', value: 'gpu', effect: 'NoSchedule' };

/** Azure VM size. */
const VM_SIZE = /^Standard_[A-Za-z0-9_-]+$/i;

/** Accelerator on which the nodes of a cluster's scoring pool run models. */
export class Accelerator {
  /**
   * No accelerator: models run on CPUs.
   * @param vmSize VM size of the nodes. Default: `Standard_D4s_v5`.
   */
  static cpu(vmSize?: string): Accelerator {
    return new Accelerator(requireSize(vmSize ?? 'Standard_D4s_v5'), 0, undefined, 'CPUs', undefined);
  }

  /**
   * NVIDIA GPUs.
   * @param vmSize VM size of the nodes, such as `Standard_NC4as_T4_v3`, the smallest.
   * @throws AcceleratorError if the size is retired, not supported by AKS, or unknown
   */
  static gpu(vmSize: string): Accelerator {
    const size = requireSize(vmSize);
    const unusable = unusableGpuSize(size);
    if (unusable) {
      throw new AcceleratorError(`${size} is ${unusable.reason}; use ${unusable.successor}`);
    }
    const known = [...GPUS_PER_NODE].find(([name]) => name.toLowerCase() === size.toLowerCase());
    if (!known) {
      throw new AcceleratorError(
        `the number of GPUs of ${size} is unknown; use one of ${[...GPUS_PER_NODE.keys()].join(', ')}, ` +
          'or Accelerator.custom({ vmSize, devicesPerNode, resourceName: "nvidia.com/gpu" })',
      );
    }
    return new Accelerator(known[0], known[1], 'nvidia.com/gpu', 'GPUs', GPU_TAINT);
  }

  /**
   * Any other VM size or device. For devices other than `nvidia.com/gpu`, deploy their device plugin yourself.
   * @throws AcceleratorError if a prop is invalid
   */
  static custom(props: CustomAcceleratorProps): Accelerator {
    const unknown = findUnknownKey(props, CUSTOM_ACCELERATOR_PROPS);
    if (unknown) {
      throw new AcceleratorError(`${unknown.finding}; ${unknown.remedy}`);
    }
    const { vmSize, devicesPerNode, resourceName, deviceName = 'devices', taint = GPU_TAINT } = props;
    const problem = Token.isUnresolved(devicesPerNode)
      ? undefined
      : outOfRange('devicesPerNode', devicesPerNode, wholeNumber(1));
    if (problem !== undefined) {
      throw new AcceleratorError(problem);
    }
    if (!Token.isUnresolved(resourceName) && !/^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/.test(resourceName)) {
      throw new AcceleratorError(
        `resourceName is "${resourceName}"; expected the resource name that the device plugin advertises, such as nvidia.com/gpu`,
      );
    }
    const size = vmSize === undefined ? undefined : requireSize(vmSize);
    return new Accelerator(size, devicesPerNode, resourceName, deviceName, taint);
  }

  private constructor(
    /** Azure VM size of the nodes; `undefined` elsewhere. */
    readonly vmSize: string | undefined,
    /** Number of devices per node; 0 for CPUs. */
    readonly devicesPerNode: number,
    /** Extended resource that pods request; `undefined` for CPUs. */
    readonly resourceName: string | undefined,
    /** Name of the devices in messages. */
    readonly deviceName: string,
    /** Taint that keeps other pods off the nodes; `undefined` for none. */
    readonly taint: NodeTaint | undefined,
  ) {}

  /** Whether the devices are NVIDIA GPUs, which need the NVIDIA device plugin. */
  get isNvidia(): boolean {
    return this.resourceName === 'nvidia.com/gpu';
  }
}

function requireSize(vmSize: string): string {
  if (!Token.isUnresolved(vmSize) && !VM_SIZE.test(vmSize)) {
    throw new AcceleratorError(
      `vmSize is "${vmSize}"; expected an Azure VM size, such as Standard_NC4as_T4_v3`,
    );
  }
  return vmSize;
}
