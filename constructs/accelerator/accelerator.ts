import { Token } from 'cdktf';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { outOfRange, wholeNumber } from '../../lib/validation/number-range';
import { findUnknownKey, type KnownKeys } from '../../lib/validation/known-keys';
import { GPUS_PER_NODE, unusableGpuSize } from './gpu-sizes';

/** An accelerator that cannot be. */
export class AcceleratorError extends BrainwaveError {
  readonly code = 'ACCELERATOR_INVALID';
}

/** A taint of a node pool: what keeps pods that do not tolerate it off its nodes. */
export interface NodeTaint {
  readonly key: string;
  readonly value: string;
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
  readonly effect: string;
}

/** Nodes of your own choice. */
export interface CustomAcceleratorProps {
  /** The nodes' VM size. */
  readonly vmSize: string;
  /** How many devices a node has. */
  readonly devicesPerNode: number;
  /** The name by which the device plugin offers them to pods, such as `nvidia.com/gpu`. */
  readonly resourceName: string;
  /**
   * What a device is called in messages.
   * @default 'devices'
   */
  readonly deviceName?: string | undefined;
  /** @default - `sku=gpu:NoSchedule`, as for GPUs */
  readonly taint?: NodeTaint | undefined;
}

const CUSTOM_ACCELERATOR_PROPS: KnownKeys<CustomAcceleratorProps> = {
  vmSize: true,
  devicesPerNode: true,
  resourceName: true,
  deviceName: true,
  taint: { key: true, value: true, effect: true },
};

/** AKS's own example of a taint for GPU nodes. Source: "Use GPUs on Azure Kubernetes Service (AKS)". */
const GPU_TAINT: NodeTaint = { key: 'sku', value: 'gpu', effect: 'NoSchedule' };

/** A VM size as Azure writes it. */
const VM_SIZE = /^Standard_[A-Za-z0-9_-]+$/i;

/** What the nodes of a cluster's scoring pool run models on. */
export class Accelerator {
  /**
   * None: models run on the nodes' processors.
   * @param vmSize the nodes' size; `Standard_D4s_v5` unless given
   */
  static cpu(vmSize?: string): Accelerator {
    return new Accelerator(requireSize(vmSize ?? 'Standard_D4s_v5'), 0, undefined, 'CPUs', undefined);
  }

  /**
   * NVIDIA GPUs.
   * @param vmSize such as `Standard_NC4as_T4_v3`, the smallest
   * @throws AcceleratorError for a size that is retired, that AKS cannot use, or whose GPUs are not known here
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
        `it is not known how many GPUs ${size} has; expected one of ${[...GPUS_PER_NODE.keys()].join(', ')}, ` +
          'or say it: Accelerator.custom({ vmSize, devicesPerNode, resourceName: "nvidia.com/gpu" })',
      );
    }
    return new Accelerator(known[0], known[1], 'nvidia.com/gpu', 'GPUs', GPU_TAINT);
  }

  /**
   * Any other size, or another maker's devices. For devices that are not `nvidia.com/gpu` deploy their
   * device plugin yourself.
   * @throws AcceleratorError where the number of devices makes no sense
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
        `resourceName is "${resourceName}"; expected the name that the device plugin offers, such as nvidia.com/gpu`,
      );
    }
    return new Accelerator(requireSize(vmSize), devicesPerNode, resourceName, deviceName, taint);
  }

  private constructor(
    /** The nodes' VM size. */
    readonly vmSize: string,
    /** Devices that a node has; 0 where there are none. */
    readonly devicesPerNode: number,
    /** How pods ask for a device; `undefined` where there are none. */
    readonly resourceName: string | undefined,
    /** What messages call the devices. */
    readonly deviceName: string,
    /** What keeps other pods off the nodes; `undefined` for none. */
    readonly taint: NodeTaint | undefined,
  ) {}

  /** Whether its devices are NVIDIA's, which need NVIDIA's device plugin. */
  get isNvidia(): boolean {
    return this.resourceName === 'nvidia.com/gpu';
  }
}

function requireSize(vmSize: string): string {
  if (!Token.isUnresolved(vmSize) && !VM_SIZE.test(vmSize)) {
    throw new AcceleratorError(
      `the VM size is "${vmSize}"; expected Azure's name of it, such as Standard_NC4as_T4_v3`,
    );
  }
  return vmSize;
}
