import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';

import type { Accelerator } from '../accelerator/accelerator';
import { ConstructError } from '../validation/construct-error';

/** Devices of a cluster's nodes that a service uses. */
export interface DeviceClaim {
  /** Name of the prop that sets the maximum number of replicas. */
  readonly property: string;
  readonly replicas: number;
  readonly devicesPerReplica: number;
  /** Name of the prop that sets the number of devices per replica. */
  readonly devicesProperty: string;
}

/**
 * Devices of a cluster's nodes. A device belongs to one replica at a time, and a replica without a device stays pending, so the
 * devices that services claim are checked against those of the nodes.
 * @internal
 */
export class DeviceCapacity {
  private claimed = 0;

  /**
   * @param nodes Number of nodes, if known.
   * @param nodesProperty Name of the prop that sets the number of nodes.
   */
  constructor(
    private readonly accelerator: Accelerator,
    private readonly nodes: number | undefined,
    private readonly nodesProperty: string,
  ) {}

  /** @throws ConstructError if too few devices are available */
  claim(service: IConstruct, { property, replicas, devicesPerReplica, devicesProperty }: DeviceClaim): void {
    const { devicesPerNode, deviceName, vmSize } = this.accelerator;
    if (devicesPerNode === 0 || [replicas, devicesPerReplica, devicesPerNode].some(isToken)) {
      return;
    }
    if (devicesPerReplica > devicesPerNode) {
      throw new ConstructError(
        service,
        `a replica needs ${devicesPerReplica} ${deviceName}, but a ${vmSize === undefined ? '' : `${vmSize} `}node has ${devicesPerNode}; ` +
          `choose a larger size or lower ${devicesProperty}`,
      );
    }
    const others = this.claimed;
    this.claimed += replicas * devicesPerReplica;
    if (this.nodes === undefined || isToken(this.nodes) || this.claimed <= this.nodes * devicesPerNode) {
      return;
    }
    const each = devicesPerReplica > 1 ? ` of ${devicesPerReplica} ${deviceName} each` : '';
    const besides = others > 0 ? ` and other services on the cluster use ${others}` : '';
    throw new ConstructError(
      service,
      `${property} is ${replicas}${each}${besides}, but the node pool has ${this.nodes * devicesPerNode} ${deviceName}; ` +
        `raise ${this.nodesProperty} to ${Math.ceil(this.claimed / devicesPerNode)} or lower ${property}`,
    );
  }

  /** Returns whether replicas with this many devices fit, so that during a rollout they can start before old ones stop. */
  hasRoomFor(devices: number): boolean {
    const { devicesPerNode } = this.accelerator;
    if (devicesPerNode === 0 || devices === 0) {
      return true;
    }
    const { nodes } = this;
    return nodes !== undefined && !isToken(nodes) && this.claimed + devices <= nodes * devicesPerNode;
  }
}

function isToken(value: number): boolean {
  return Token.isUnresolved(value);
}
