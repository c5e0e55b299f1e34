import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { V1Deployment, V1Pod } from '../../lib/kubernetes/cluster-client';
import { afterwards } from '../support/cleanup';
import { createAuthority, issueCertificate, type IssuedCertificate } from '../support/certificates';

/** An answer of the API server other than an object. */
export interface Refusal {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

export const TOKEN = 'a-service-account-token';
export const NAMESPACE = 'pets';
export const DEPLOYMENT = 'pets-4f2a8c1e';

interface Scale {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly replicas: number };
}

/** An API server over HTTPS with one Deployment, its pods and their logs, which a test changes while a step runs. */
export class TestApiServer {
  static async start(deployment: V1Deployment, pods: readonly V1Pod[] = []): Promise<TestApiServer> {
    const authority = await createAuthority({ name: 'kubernetes' });
    const certificate = await issueCertificate({ names: ['127.0.0.1'], issuer: authority });
    const server = new TestApiServer(authority.root, certificate, deployment, pods);
    await server.listen();
    afterwards(() => server.stop());
    return server;
  }

  /** Instead of the Deployment, if it is set. */
  refusal: Refusal | undefined;
  /** By `<pod>/<container>`, with `/previous` for the run before the current one. */
  readonly logs = new Map<string, string>();
  readonly deletedPods: string[] = [];
  /** Numbers of replicas that were set, by the name of the Deployment. */
  readonly scales = new Map<string, number>();
  /** Other Deployments of the namespace. */
  others: readonly V1Deployment[] = [];
  /** Selectors of the Services in the namespace. */
  selectors: readonly Readonly<Record<string, string>>[] = [];
  /** Names of resources by the path of an API that extends the server. */
  extensions: ReadonlyMap<string, readonly string[]> = new Map();
  /** Times that the Deployment was read. */
  reads = 0;
  private server: Server | undefined;
  private port = 0;

  private constructor(
    readonly root: string,
    private readonly certificate: IssuedCertificate,
    public deployment: V1Deployment,
    public pods: readonly V1Pod[],
  ) {}

  /** Listens on the port of the previous time, if there was one. */
  async listen(): Promise<void> {
    const { chain: cert, privateKey: key } = this.certificate;
    const server = createServer({ cert, key }, (request, response) => {
      request.resume().on('end', () => {
        this.answer(request, response);
      });
    });
    this.server = server;
    // The body of the only request that has one.
    server.on('request', (request: IncomingMessage) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method === 'PUT') {
          const { metadata, spec } = JSON.parse(Buffer.concat(chunks).toString()) as Scale;
          this.scales.set(metadata.name, spec.replicas);
        }
      });
    });
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server?.listening) {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    }
  }

  /** Kubeconfig in JSON, with two contexts of which only `test` has a cluster. */
  get kubeconfig(): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'test',
          cluster: {
            server: `https://127.0.0.1:${this.port}`,
            'certificate-authority-data': Buffer.from(this.root).toString('base64'),
          },
        },
      ],
      users: [{ name: 'test', user: { token: TOKEN } }],
      contexts: [
        { name: 'test', context: { cluster: 'test', user: 'test' } },
        { name: 'old', context: { cluster: 'deleted', user: 'test' } },
      ],
      'current-context': 'test',
    });
  }

  private answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, 'https://kubernetes');
    const deployments = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
    const deployment = `${deployments}/${DEPLOYMENT}`;
    const services = `/api/v1/namespaces/${NAMESPACE}/services`;
    const scaled = new RegExp(`^${deployments}/([^/]+)/scale$`).exec(pathname)?.at(1);
    const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
    const match = new RegExp(`^${pods}/([^/]+)(/log)?$`).exec(pathname);
    const [pod, log] = [match?.at(1) ?? '', match?.at(2)];
    if (headers.authorization !== `Bearer ${TOKEN}`) {
      status(response, { code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
    } else if (pathname.startsWith(deployment) && this.refusal) {
      status(response, this.refusal);
    } else if (pathname === deployment) {
      this.reads += 1;
      send(response, 200, JSON.stringify(this.deployment));
    } else if (pathname === '/version') {
      send(response, 200, JSON.stringify({ gitVersion: 'v1.34.4' }));
    } else if (this.extensions.has(pathname)) {
      const resources = this.extensions.get(pathname)?.map((name) => ({ name }));
      send(response, 200, JSON.stringify({ kind: 'APIResourceList', resources }));
    } else if (pathname === deployments) {
      send(response, 200, JSON.stringify({ items: [this.deployment, ...this.others] }));
    } else if (pathname === services) {
      send(
        response,
        200,
        JSON.stringify({ items: this.selectors.map((selector) => ({ spec: { selector } })) }),
      );
    } else if (scaled !== undefined) {
      const metadata = { name: scaled, namespace: NAMESPACE };
      send(response, 200, JSON.stringify({ metadata, spec: { replicas: this.scales.get(scaled) ?? 1 } }));
    } else if (pathname === pods) {
      const [label, value] = (searchParams.get('labelSelector') ?? '').split('=');
      const items = this.pods.filter(({ metadata }) => metadata?.labels?.[label] === value);
      send(response, 200, JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items }));
    } else if (log !== undefined) {
      const previous = searchParams.get('previous') === 'true' ? '/previous' : '';
      const text = this.logs.get(`${pod}/${searchParams.get('container') ?? ''}${previous}`);
      const lines = text?.split('\n').slice(-Number(searchParams.get('tailLines')));
      if (lines) {
        send(response, 200, lines.join('\n'), 'text/plain');
      } else {
        status(response, { code: 400, reason: 'BadRequest', message: 'container is waiting to start' });
      }
    } else if (pod !== '' && method === 'DELETE') {
      this.deletedPods.push(pod);
      this.pods = this.pods.filter(({ metadata }) => metadata?.name !== pod);
      send(response, 200, JSON.stringify({ kind: 'Pod', apiVersion: 'v1', metadata: { name: pod } }));
    } else {
      status(response, { code: 404, reason: 'NotFound', message: `${pathname} not found` });
    }
  }
}

function status(response: ServerResponse, { code, reason, message }: Refusal): void {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  send(response, code, JSON.stringify(body));
}

function send(response: ServerResponse, code: number, body: string, type = 'application/json'): void {
  response.writeHead(code, { 'content-type': type }).end(body);
}
