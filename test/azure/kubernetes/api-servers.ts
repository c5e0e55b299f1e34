import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import {
  startApiServer,
  startEtcd,
  type ApiServer as Server,
  type Etcd,
} from '../../kubernetes/cluster/control-plane';
import { kubeconfig } from '../../kubernetes/cluster/kubeconfig';
import type { ApiServerPrograms } from '../../kubernetes/cluster/programs';
import { createAuthority, type Authority } from '../../support/certificates';
import type { ClusterHost } from '../simulator/cluster-host';
import { CALLER } from '../simulator/identity';
import { objectOf, objectsOf, type JsonObject } from '../simulator/json';
import { ClusterControllers } from './cluster-controllers';

const TOKENS = 'tokens.csv';

interface ApiServer extends Server {
  readonly controllers: ClusterControllers;
}

/**
 * A kube-apiserver for each simulated AKS cluster, over one etcd. There are no nodes and no controllers of Kubernetes:
 * `ClusterControllers` reports in their place.
 */
export class ApiServers implements ClusterHost {
  static async start(programs: ApiServerPrograms, parent: string): Promise<ApiServers> {
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(path.join(parent, 'kubernetes-'));
    const etcd = await startEtcd(programs.etcd, folder);
    const authority = await createAuthority({ name: 'Simulated clusters' });
    const token = randomBytes(16).toString('hex');
    await writeFile(path.join(folder, TOKENS), `${token},${CALLER.objectId},${CALLER.objectId}\n`, {
      mode: 0o600,
    });
    return new ApiServers(programs, folder, etcd, authority, token);
  }

  private readonly servers = new Map<string, Promise<ApiServer>>();
  private started = 0;

  private constructor(
    private readonly programs: ApiServerPrograms,
    private readonly folder: string,
    private readonly etcd: Etcd,
    private readonly authority: Authority,
    private readonly token: string,
  ) {}

  /** The variables with which programs find the simulated `kubelogin`, and the token that it returns. */
  get environment(): Record<string, string> {
    return {
      PATH: [path.join(__dirname, 'bin'), process.env.PATH].join(path.delimiter),
      SIMULATED_ENTRA_TOKEN: this.token,
    };
  }

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

  async installInferenceRouter(clusterId: string): Promise<void> {
    const { controllers } = await this.serverOf(clusterId);
    await controllers.installInferenceRouter();
  }

  removeInferenceRouter(clusterId: string): void {
    const server = this.servers.get(clusterId.toLowerCase());
    // The API server may be stopped already.
    void server?.then(({ controllers }) => controllers.removeInferenceRouter()).catch(() => undefined);
  }

  async kubeconfig(clusterId: string): Promise<JsonObject> {
    const { connection } = await this.serverOf(clusterId);
    const config = kubeconfig(connection);
    // Azure's have a token beside the certificate.
    objectOf(objectsOf(config.users)[0]?.user).token = 'none';
    return config;
  }

  async close(): Promise<void> {
    const stopped = [...this.servers.values()].map((server) => server.then(stopServer));
    await Promise.allSettled(stopped);
    await this.etcd.program.end();
    await rm(this.folder, { recursive: true, force: true });
  }

  private serverOf(clusterId: string): Promise<ApiServer> {
    const server = this.servers.get(clusterId.toLowerCase());
    return server ?? Promise.reject(new Error(`the cluster ${clusterId} has no API server`));
  }

  private async startServer(): Promise<ApiServer> {
    const index = (this.started += 1);
    const server = await startApiServer({
      command: this.programs['kube-apiserver'],
      folder: path.join(this.folder, `${index}`),
      etcd: this.etcd,
      authority: this.authority,
      args: [
        `--etcd-prefix=/cluster-${index}`,
        '--bind-address=127.0.0.1',
        '--advertise-address=127.0.0.1',
        '--service-cluster-ip-range=10.0.0.0/16',
        // Entra's token of who runs Terraform, for clusters without local accounts.
        `--token-auth-file=${path.join(this.folder, TOKENS)}`,
        // Anyone with a certificate or the token is the administrator.
        '--authorization-mode=AlwaysAllow',
      ],
    });
    return { ...server, controllers: ClusterControllers.start(server.client) };
  }
}

async function stopServer({ program, client, controllers }: ApiServer): Promise<void> {
  await controllers.stop();
  client.close();
  await program.end();
}
