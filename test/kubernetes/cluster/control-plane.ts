import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { issueCertificate, type Authority } from '../../support/certificates';
import { freePort } from '../../support/free-port';
import { KubernetesClient, type KubernetesConnection } from './kubernetes-client';
import { Program } from './program';

/** OID of the extended key usage of a client's certificate. */
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** A running etcd. */
export interface Etcd {
  readonly url: string;
  readonly program: Program;
}

/** Starts an etcd whose data is in `folder`. */
export async function startEtcd(command: string, folder: string, logs = folder): Promise<Etcd> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const peers = `http://127.0.0.1:${await freePort()}`;
  const program = Program.start(
    command,
    [
      `--data-dir=${path.join(folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peers}`,
      `--initial-advertise-peer-urls=${peers}`,
      `--initial-cluster=default=${peers}`,
      '--unsafe-no-fsync',
    ],
    logs,
  );
  return { url, program };
}

export interface ApiServerOptions {
  readonly command: string;
  /** Folder of the certificates. */
  readonly folder: string;
  /** @default - `folder` */
  readonly logs?: string;
  readonly etcd: Etcd;
  readonly authority: Authority;
  /** Names and addresses of the server, beside the loopback address. @default - none */
  readonly names?: readonly string[];
  /** Arguments that differ between clusters. */
  readonly args: readonly string[];
}

/** A running kube-apiserver. */
export interface ApiServer {
  readonly program: Program;
  /** As a member of `system:masters`. */
  readonly connection: KubernetesConnection;
  readonly client: KubernetesClient;
  /** Private key that signs the tokens of service accounts. */
  readonly serviceAccountKeyFile: string;
}

/** Starts a kube-apiserver on a free port and waits until it is ready. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { command, folder, logs = folder, etcd, authority, names = [], args } = options;
  await mkdir(folder, { recursive: true });
  const server = await issueCertificate({ names: ['127.0.0.1', ...names], issuer: authority });
  const administrator = await issueClientCertificate(authority, 'administrator', 'system:masters');
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const file = async (name: string, content: string) => {
    await writeFile(path.join(folder, name), content, { mode: 0o600 });
    return path.join(folder, name);
  };
  const root = await file('root.crt', authority.root);
  const serviceAccountKeyFile = await file('accounts.key', privateKey);
  const clientCertificate = await file('administrator.crt', administrator.certificate);
  const clientKey = await file('administrator.key', administrator.privateKey);
  const port = await freePort();
  const program = Program.start(
    command,
    [
      `--etcd-servers=${etcd.url}`,
      `--secure-port=${port}`,
      `--tls-cert-file=${await file('server.crt', server.chain)}`,
      `--tls-private-key-file=${await file('server.key', server.privateKey)}`,
      `--client-ca-file=${root}`,
      `--kubelet-certificate-authority=${root}`,
      `--kubelet-client-certificate=${clientCertificate}`,
      `--kubelet-client-key=${clientKey}`,
      '--kubelet-preferred-address-types=InternalIP',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${await file('accounts.pub', publicKey)}`,
      `--service-account-signing-key-file=${serviceAccountKeyFile}`,
      ...args,
    ],
    logs,
  );
  const { certificate, privateKey: key } = administrator;
  const connection = { port, root: authority.root, certificate, privateKey: key };
  const client = new KubernetesClient(connection);
  try {
    await program.ready(async () => (await client.call('GET', '/readyz')).status === 200);
  } catch (error) {
    client.close();
    await program.end();
    throw error;
  }
  return { program, connection, client, serviceAccountKeyFile };
}

/** Issues a certificate with which a client authenticates to an API server: user and group. */
export function issueClientCertificate(authority: Authority, user: string, group?: string) {
  return issueCertificate({
    commonName: user,
    ...(group !== undefined && { organization: group }),
    issuer: authority,
    extendedKeyUsages: [CLIENT_AUTHENTICATION],
  });
}
