import { Token } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import { EVERY_ADDRESS } from '../../lib/contract/operations';
import { requireUnique } from '../validation/unique';

interface LocalAddress {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

const addresses = new WeakMap<IConstruct, string>();

/**
 * Makes synth reject two local workloads, in any stacks of the app, that have the same name or the same port.
 * @internal
 */
export function requireFreeAddress(workload: Construct, { name, address, port }: LocalAddress): void {
  addresses.set(workload, address);
  if (!Token.isUnresolved(port)) {
    requireUnique(workload, ['local port', String(port)], (other) =>
      overlap(address, addresses.get(other))
        ? `port ${port} of this machine is also used by ${other.node.path}; ` +
          'set another port for one of them: new LocalCompute({ port: … })'
        : undefined,
    );
  }
  if (!Token.isUnresolved(name)) {
    requireUnique(
      workload,
      ['local workload', name],
      (other) =>
        `the service name "${name}" is also used by ${other.node.path}; set another name for one of them`,
    );
  }
}

/** Two loopback addresses can use the same port, unless one server listens on all addresses. */
function overlap(address: string, other: string | undefined): boolean {
  if (other === undefined || Token.isUnresolved(address) || Token.isUnresolved(other)) {
    return false;
  }
  return address === other || [address, other].some((each) => EVERY_ADDRESS.includes(each));
}
