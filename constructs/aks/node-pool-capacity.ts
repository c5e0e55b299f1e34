import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';

import type { Accelerator } from '../accelerator/accelerator';
import { ConstructError } from '../validation/construct-error';

/** What a service takes of a node pool. */
export interface DeviceClaim {
  /** The property that says how many replicas there may be. */
  readonly property: string;
  readonly replicas: number;
  readonly devicesPerReplica: number;
  /** The property that says how many devices a replica takes. */
  readonly devicesProperty: string;
}

/**
 * The devices of a node pool. A device belongs to one replica at a time, and a replica that gets none waits for
 * one forever: what services claim is held against what the nodes have.
 * @internal
 */
export class NodePoolCapacity {
  private claimed = 0;

  /**
   * @param nodes `undefined` where it is not known
   * @param nodesProperty the property that says how many nodes there are
   */
  constructor(
    private readonly accelerator: Accelerator,
    private readonly nodes: number | undefined,
    private readonly nodesProperty: string,
  ) {}

  /** @throws ConstructError where there are not so many devices left */
  claim(service: IConstruct, { property, replicas, devicesPerReplica, devicesProperty }: DeviceClaim): void {
    const { devicesPerNode, deviceName, vmSize } = this.accelerator;
    if (devicesPerNode === 0 || [replicas, devicesPerReplica, devicesPerNode].some(isToken)) {
      return;
    }
    if (devicesPerReplica > devicesPerNode) {
      throw new ConstructError(
        service,
        `a replica takes ${devicesPerReplica} ${deviceName} but a node of ${vmSize} has ${devicesPerNode}; ` +
          `choose a larger size or lower ${devicesProperty}`,
      );
    }
    const others = this.claimed;
    this.claimed += replicas * devicesPerReplica;
    if (this.nodes === undefined || isToken(this.nodes) || this.claimed <= this.nodes * devicesPerNode) {
      return;
    }
    const each = devicesPerReplica > 1 ? ` of ${devicesPerReplica} ${deviceName} each` : '';
    const besides = others > 0 ? ` and other services of the cluster take ${others}` : '';
    throw new ConstructError(
      service,
      `${property} is ${replicas}${each}${besides} but the node pool has ${this.nodes * devicesPerNode} ${deviceName}; ` +
        `raise ${this.nodesProperty} to ${Math.ceil(this.claimed / devicesPerNode)} or lower ${property}`,
    );
  }

  /** Whether a replica more fits beside those that run: a new one can then start before an old one stops. */
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
