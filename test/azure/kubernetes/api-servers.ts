import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { createAuthority, issueCertificate, type Authority } from '../../support/certificates';
import { freePort } from '../../support/free-port';
import type { ClusterHost } from '../simulator/cluster-host';
import type { JsonObject } from '../simulator/json';
import { ClusterControllers } from './cluster-controllers';
import type { KubernetesBinaries } from './find-binaries';
import { KubernetesClient, type KubernetesConnection } from './kubernetes-client';

const READY_TIMEOUT_MS = 120_000;

interface ApiServer {
  readonly process: ChildProcess;
  readonly connection: KubernetesConnection;
  readonly client: KubernetesClient;
  readonly controllers: ClusterControllers;
}

/**
 * A kube-apiserver for each simulated AKS cluster, over one etcd. There are no nodes and no controllers of Kubernetes:
 * `ClusterControllers` reports in their place.
 */
export class ApiServers implements ClusterHost {
  static async start(binaries: KubernetesBinaries, parent: string): Promise<ApiServers> {
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(path.join(parent, 'kubernetes-'));
    const [clientPort, peerPort] = [await freePort(), await freePort()];
    const url = `http://127.0.0.1:${clientPort}`;
    const peers = `http://127.0.0.1:${peerPort}`;
    const etcd = run(binaries.etcd, path.join(folder, 'etcd.log'), [
      `--data-dir=${path.join(folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peers}`,
      `--initial-advertise-peer-urls=${peers}`,
      `--initial-cluster=default=${peers}`,
      '--unsafe-no-fsync',
    ]);
    const authority = await createAuthority({ name: 'Simulated clusters' });
    return new ApiServers(binaries, folder, etcd, url, authority);
  }

  private readonly servers = new Map<string, Promise<ApiServer>>();
  private started = 0;

  private constructor(
    private readonly binaries: KubernetesBinaries,
    private readonly folder: string,
    private readonly etcd: ChildProcess,
    private readonly etcdUrl: string,
    private readonly authority: Authority,
  ) {}

  start(clusterId: string): void {
    const key = clusterId.toLowerCase();
    if (!this.servers.has(key)) {
      const server = this.startServer();
      // Whoever asks for the kubeconfig learns of it.
      server.catch(() => undefined);
      this.servers.set(key, server);
    }
  }

  stop(clusterId: string): void {
    const key = clusterId.toLowerCase();
    const server = this.servers.get(key);
    this.servers.delete(key);
    void server?.then(stopServer, () => undefined);
  }

  installInferenceRouter(clusterId: string): void {
    void this.serverOf(clusterId).then(({ controllers }) => {
      controllers.hasInferenceRouter = true;
    });
  }

  removeInferenceRouter(clusterId: string): void {
    const server = this.servers.get(clusterId.toLowerCase());
    void server?.then(({ controllers }) => {
      controllers.hasInferenceRouter = false;
    });
  }

  async kubeconfig(clusterId: string): Promise<JsonObject> {
    const { connection } = await this.serverOf(clusterId);
    const { port, root, certificate, privateKey } = connection;
    const encode = (text: string) => Buffer.from(text).toString('base64');
    return {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'cluster',
      clusters: [
        {
          name: 'cluster',
          cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': encode(root) },
        },
      ],
      contexts: [{ name: 'cluster', context: { cluster: 'cluster', user: 'administrator' } }],
      users: [
        {
          name: 'administrator',
          user: {
            'client-certificate-data': encode(certificate),
            'client-key-data': encode(privateKey),
            token: 'none',
          },
        },
      ],
    };
  }

  async close(): Promise<void> {
    const stopped = [...this.servers.values()].map((server) => server.then(stopServer));
    await Promise.allSettled(stopped);
    await end(this.etcd);
    await rm(this.folder, { recursive: true, force: true });
  }

  private serverOf(clusterId: string): Promise<ApiServer> {
    const server = this.servers.get(clusterId.toLowerCase());
    return server ?? Promise.reject(new Error(`the cluster ${clusterId} has no API server`));
  }

  private async startServer(): Promise<ApiServer> {
    const index = (this.started += 1);
    const folder = path.join(this.folder, `${index}`);
    await mkdir(folder);
    const server = await issueCertificate({ names: ['127.0.0.1'], issuer: this.authority });
    const administrator = await issueCertificate({
      commonName: 'administrator',
      issuer: this.authority,
      extendedKeyUsages: ['1.3.6.1.5.5.7.3.2'],
    });
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const files = {
      'root.crt': this.authority.root,
      'server.crt': server.chain,
      'server.key': server.privateKey,
      'accounts.pub': publicKey,
      'accounts.key': privateKey,
    };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(path.join(folder, name), content, { mode: 0o600 });
    }
    const file = (name: keyof typeof files) => path.join(folder, name);
    const port = await freePort();
    const child = run(this.binaries.apiServer, path.join(folder, 'api-server.log'), [
      `--etcd-servers=${this.etcdUrl}`,
      `--etcd-prefix=/cluster-${index}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      `--tls-cert-file=${file('server.crt')}`,
      `--tls-private-key-file=${file('server.key')}`,
      `--client-ca-file=${file('root.crt')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${file('accounts.pub')}`,
      `--service-account-signing-key-file=${file('accounts.key')}`,
      '--service-cluster-ip-range=10.0.0.0/16',
      // Whoever has a certificate is the administrator.
      '--authorization-mode=AlwaysAllow',
    ]);
    const connection = {
      port,
      root: this.authority.root,
      certificate: administrator.certificate,
      privateKey: administrator.privateKey,
    };
    const client = new KubernetesClient(connection);
    try {
      await ready(child, client);
    } catch (error) {
      client.close();
      await end(child);
      throw error;
    }
    return { process: child, connection, client, controllers: ClusterControllers.start(client) };
  }
}

async function ready(child: ChildProcess, client: KubernetesClient): Promise<void> {
  const giveUpAt = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < giveUpAt && child.exitCode === null) {
    const answer = await client.call('GET', '/readyz').catch(() => undefined);
    if (answer?.status === 200) {
      return;
    }
    await delay(100);
  }
  throw new Error(`kube-apiserver did not become ready; its exit code is ${String(child.exitCode)}`);
}

async function stopServer({ process: child, client, controllers }: ApiServer): Promise<void> {
  await controllers.stop();
  client.close();
  await end(child);
}

function run(command: string, logFile: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  child.once('close', () => log.end());
  // A program that does not start has no exit code: whoever waits for it fails.
  child.once('error', () => undefined);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const ended = once(child, 'close');
    // It holds nothing that is worth a clean end, which takes kube-apiserver a minute.
    child.kill('SIGKILL');
    await ended;
  }
}
