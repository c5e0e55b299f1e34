import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { runTool } from '../../package/support/run-tool';
import type { JsonObject } from '../../azure/simulator/json';

/** Addresses for benchmarks of networks, which no other network uses (RFC 2544). */
export const NETWORK = {
  node: '198.18.0.2',
  pods: '198.18.64.0/24',
  services: '198.18.128.0/24',
  /** The first address of `services`, which Kubernetes reserves. */
  apiServer: '198.18.128.1',
  dns: '198.18.128.10',
  /** Addresses of services of type LoadBalancer: this prefix and a number. */
  loadBalancers: '198.18.208.',
} as const;

/** Sets up the network of the node, in a network namespace that has nothing but a loopback interface. */
export async function setUpNetwork(): Promise<void> {
  const ip = (command: string) => runTool('ip', command.split(' '), { cwd: '/' });
  await ip('link set lo up');
  // The other end leads nowhere: the cluster has no way out, and no way in.
  await ip('link add node0 type veth peer name node0peer');
  await ip('link set node0peer up');
  await ip(`address add ${NETWORK.node}/24 dev node0`);
  await ip('link set node0 up');
  await ip('route add default dev node0');
  for (const setting of ['ip_forward', 'conf/all/route_localnet']) {
    await writeFile(`/proc/sys/net/ipv4/${setting}`, '1');
  }
}

/** Writes the configuration of the pods' network: a bridge. */
export async function writeNetworkConfiguration(folder: string): Promise<void> {
  const configuration: JsonObject = {
    cniVersion: '0.4.0',
    name: 'bridge',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isDefaultGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', dataDir: '/run/cni', ranges: [[{ subnet: NETWORK.pods }]] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, '10-bridge.conflist'), JSON.stringify(configuration));
}
