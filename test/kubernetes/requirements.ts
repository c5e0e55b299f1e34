import { existsSync } from 'node:fs';
import path from 'node:path';

import { builtPrograms } from './cluster/build-kubernetes';
import { findExecutable } from './cluster/find-programs';

/** Programs of the node, and where Debian has them. */
const PACKAGES: Readonly<Record<string, string>> = {
  runc: 'runc',
  containerd: 'containerd',
  ctr: 'containerd',
  iptables: 'iptables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  unshare: 'util-linux',
};

const NETWORK_PLUGINS = '/usr/lib/cni';

/** What this machine lacks to run a test cluster, with the remedy. Empty if nothing is missing. */
export async function missingRequirements(env: NodeJS.ProcessEnv): Promise<string[]> {
  const missing: string[] = [];
  if (process.platform !== 'linux') {
    return ['the test cluster needs Linux; run it in a virtual machine'];
  }
  if (process.getuid?.() !== 0) {
    missing.push('the test cluster needs namespaces and control groups; run it as root');
  }
  const folders = (env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const packages = new Set<string>();
  for (const [program, name] of Object.entries(PACKAGES)) {
    if ((await findExecutable(program, folders)) === undefined) {
      packages.add(name);
    }
  }
  if (!existsSync(path.join(NETWORK_PLUGINS, 'bridge'))) {
    packages.add('containernetworking-plugins');
  }
  if (packages.size > 0) {
    const names = [...packages].join(' ');
    missing.push(`programs of the node are missing; run apt-get install --no-install-recommends ${names}`);
  }
  if ((await findExecutable('go', folders)) === undefined && !(await builtPrograms(env))) {
    missing.push('Kubernetes is not built yet, for which it needs Go; install Go 1.24 or later');
  }
  return missing;
}
