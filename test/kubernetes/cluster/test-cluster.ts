import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { objectOf, objectsOf } from '../../azure/simulator/json';
import { runTool, tryTool } from '../../package/support/run-tool';
import { createAuthority, issueCertificate, type Authority } from '../../support/certificates';
import { createCgroup } from './cgroups';
import {
  containerdConfiguration,
  CONTAINERD_SOCKET,
  kubeletConfiguration,
  kubeProxyConfiguration,
} from './configurations';
import { issueClientCertificate, startApiServer, startEtcd, type ApiServer } from './control-plane';
import { kubeconfig } from './kubeconfig';
import { LoadBalancers } from './load-balancers';
import {
  aggregationArguments,
  FRONT_PROXY,
  metricsServerArguments,
  registerMetricsServer,
} from './metrics-server';
import { NETWORK, setUpNetwork, writeNetworkConfiguration } from './network';
import { Program } from './program';
import type { ClusterPrograms } from './programs';

/** Name of the only node. */
export const NODE = 'node';

/** Where everything is that a cluster writes, but its logs: a file system in memory, which ends with the namespaces. */
const RUN = '/run';

/** Autoscalers that follow the load within the time of a test. */
const AUTOSCALER_ARGUMENTS = [
  '--horizontal-pod-autoscaler-sync-period=2s',
  '--horizontal-pod-autoscaler-cpu-initialization-period=10s',
  '--horizontal-pod-autoscaler-initial-readiness-delay=5s',
];

export interface TestClusterOptions {
  readonly programs: ClusterPrograms;
  /** Folder of the kubeconfig and the logs. Emptied. */
  readonly folder: string;
  /** OCI archives of the images that pods may use; there is no registry. */
  readonly images: readonly string[];
  /** Control group of all pods, which outlives the cluster. A kubelet ends what it does not know in its own. */
  readonly cgroup: string;
}

/**
 * A Kubernetes cluster with one node: etcd, the control plane, a kubelet with containerd, kube-proxy and metrics-server.
 *
 * It needs PID, network and mount namespaces of its own, in which it changes the network and hides `/run`. Everything that it
 * starts, containers included, ends with them.
 */
export class TestCluster {
  static async start({ programs, folder, images, cgroup }: TestClusterOptions): Promise<TestCluster> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await runTool('mount', ['-t', 'tmpfs', 'tmpfs', RUN], { cwd: '/' });
    await setUpNetwork();
    await createCgroup(cgroup);
    const starting = new StartingCluster(programs, folder);
    try {
      // The images are imported while the control plane starts.
      const [apiServer] = await Promise.all([starting.startControlPlane(), starting.startContainerd(images)]);
      await starting.startNode(apiServer, cgroup);
      return new TestCluster(apiServer, starting.kubeconfigFile, starting.started);
    } catch (error) {
      await endAll(starting.started);
      throw error;
    }
  }

  private readonly loadBalancers: LoadBalancers;

  private constructor(
    private readonly apiServer: ApiServer,
    /** Of an administrator. */
    readonly kubeconfigFile: string,
    private readonly started: readonly Program[],
  ) {
    this.loadBalancers = LoadBalancers.start(apiServer.client);
  }

  async stop(): Promise<void> {
    await this.loadBalancers.stop();
    this.apiServer.client.close();
    await endAll(this.started);
  }
}

class StartingCluster {
  readonly started: Program[] = [];
  readonly kubeconfigFile: string;
  private authority: Authority | undefined;

  constructor(
    private readonly programs: ClusterPrograms,
    private readonly folder: string,
  ) {
    this.kubeconfigFile = path.join(folder, 'kubeconfig');
  }

  async startControlPlane(): Promise<ApiServer> {
    this.authority = await createAuthority({ name: 'Test cluster' });
    const etcd = await startEtcd(this.programs.etcd, RUN, this.folder);
    this.started.push(etcd.program);
    const root = await this.write('root.crt', this.authority.root);
    const frontProxy = await issueClientCertificate(this.authority, FRONT_PROXY);
    const apiServer = await startApiServer({
      command: this.programs['kube-apiserver'],
      folder: path.join(RUN, 'kube-apiserver'),
      logs: this.folder,
      etcd,
      authority: this.authority,
      names: [NETWORK.node, NETWORK.apiServer, 'kubernetes.default.svc'],
      args: [
        `--advertise-address=${NETWORK.node}`,
        `--service-cluster-ip-range=${NETWORK.services}`,
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        '--allow-privileged=true',
        ...aggregationArguments(
          root,
          await this.write('front-proxy.crt', frontProxy.certificate),
          await this.write('front-proxy.key', frontProxy.privateKey),
        ),
      ],
    });
    this.started.push(apiServer.program);
    await writeFile(this.kubeconfigFile, JSON.stringify(kubeconfig(apiServer.connection)), { mode: 0o600 });
    const controllers = await this.kubeconfigOf(apiServer, 'system:kube-controller-manager');
    this.run('kube-controller-manager', [
      `--kubeconfig=${controllers}`,
      `--authentication-kubeconfig=${controllers}`,
      `--authorization-kubeconfig=${controllers}`,
      `--service-account-private-key-file=${apiServer.serviceAccountKeyFile}`,
      `--root-ca-file=${root}`,
      `--cluster-cidr=${NETWORK.pods}`,
      '--allocate-node-cidrs=false',
      '--use-service-account-credentials',
      '--leader-elect=false',
      ...AUTOSCALER_ARGUMENTS,
    ]);
    const scheduler = await this.kubeconfigOf(apiServer, 'system:kube-scheduler');
    this.run('kube-scheduler', [
      `--kubeconfig=${scheduler}`,
      `--authentication-kubeconfig=${scheduler}`,
      `--authorization-kubeconfig=${scheduler}`,
      '--leader-elect=false',
    ]);
    return apiServer;
  }

  async startContainerd(images: readonly string[]): Promise<void> {
    const networks = path.join(RUN, 'cni-configuration');
    await writeNetworkConfiguration(networks);
    const configuration = await this.write('containerd.toml', containerdConfiguration(RUN, networks));
    const containerd = Program.start('containerd', [`--config=${configuration}`], this.folder);
    this.started.push(containerd);
    const ctr = (...args: string[]) => ['-a', CONTAINERD_SOCKET, '-n', 'k8s.io', ...args];
    await containerd.ready(async () => (await tryTool('ctr', ctr('version'), { cwd: '/' })).exitCode === 0);
    for (const image of images) {
      await runTool('ctr', ctr('images', 'import', image), { cwd: '/' });
    }
  }

  async startNode(apiServer: ApiServer, cgroup: string): Promise<void> {
    const server = await issueCertificate({ names: [NETWORK.node, NODE], issuer: this.authority! });
    const resolver = await this.write('resolv.conf', 'nameserver 127.0.0.1\n');
    const configuration = kubeletConfiguration({
      clientRoots: path.join(RUN, 'root.crt'),
      certificate: await this.write('kubelet.crt', server.chain),
      privateKey: await this.write('kubelet.key', server.privateKey),
      resolver,
      cgroup,
    });
    this.run('kubelet', [
      `--config=${await this.write('kubelet.json', JSON.stringify(configuration))}`,
      `--kubeconfig=${await this.kubeconfigOf(apiServer, `system:node:${NODE}`, 'system:nodes')}`,
      `--hostname-override=${NODE}`,
      `--node-ip=${NETWORK.node}`,
      `--root-dir=${path.join(RUN, 'kubelet')}`,
    ]);
    const proxy = kubeProxyConfiguration(NODE, await this.kubeconfigOf(apiServer, 'system:kube-proxy'));
    const metrics = await this.kubeconfigOf(apiServer, 'metrics-server', 'system:masters');
    this.run('metrics-server', metricsServerArguments(metrics, path.join(RUN, 'root.crt'), RUN));
    await registerMetricsServer(apiServer.client);
    this.run('kube-proxy', [`--config=${await this.write('kube-proxy.json', JSON.stringify(proxy))}`]);
    await this.started.at(-1)!.ready(() => isReady(apiServer));
  }

  private run(program: keyof ClusterPrograms, args: readonly string[]): void {
    this.started.push(Program.start(this.programs[program], args, this.folder));
  }

  private async kubeconfigOf({ connection }: ApiServer, user: string, group?: string): Promise<string> {
    const { certificate, privateKey } = await issueClientCertificate(this.authority!, user, group);
    const config = kubeconfig({ ...connection, certificate, privateKey });
    return this.write(`${user.replaceAll(':', '-')}.kubeconfig`, JSON.stringify(config));
  }

  private async write(name: string, content: string): Promise<string> {
    const file = path.join(RUN, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  }
}

/** Whether pods can run: the node is ready, and namespaces have a service account. */
async function isReady({ client }: ApiServer): Promise<boolean> {
  const { body } = await client.call('GET', `/api/v1/nodes/${NODE}`);
  const account = await client.call('GET', '/api/v1/namespaces/default/serviceaccounts/default');
  const conditions = objectsOf(objectOf(body.status).conditions);
  return (
    account.status === 200 && conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}

async function endAll(programs: readonly Program[]): Promise<void> {
  for (const program of [...programs].reverse()) {
    await program.end();
  }
}
