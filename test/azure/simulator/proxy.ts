import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

import { createAuthority, issueCertificate } from '../../support/certificates';
import type { AzureRequest, AzureResponse } from './http';

const STORAGE_SERVICES = ['blob', 'queue', 'file', 'table', 'dfs', 'web', 'z6.web'];

/** The hosts that are Azure's, as a certificate names them. */
const HOSTS = [
  'management.azure.com',
  'login.microsoftonline.com',
  'graph.microsoft.com',
  '*.vault.azure.net',
  ...STORAGE_SERVICES.map((service) => `*.${service}.core.windows.net`),
];

/** Answers one request to one of Azure's hosts. */
export type AzureHandler = (request: AzureRequest) => Promise<AzureResponse>;

/**
 * An HTTPS proxy on the loopback that answers for Azure's hosts itself and refuses all others: programs run unchanged, with
 * `HTTPS_PROXY` and the certificate of its authority.
 */
export class AzureProxy {
  static async start(handler: AzureHandler): Promise<AzureProxy> {
    const authority = await createAuthority({ name: 'Simulated Azure' });
    const { chain, privateKey } = await issueCertificate({ names: HOSTS, issuer: authority });
    const azure = createHttpsServer({ cert: chain, key: privateKey }, (message, response) => {
      void answer(handler, message).then(({ status, headers, body }) => {
        response.writeHead(status, headers);
        response.end(message.method === 'HEAD' ? undefined : body);
      });
    });
    const sockets = new Set<Socket>();
    const proxy = createHttpServer((_request, response) => {
      response.writeHead(403).end('only HTTPS is answered');
    });
    proxy.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    proxy.on('connect', ({ url = '' }: IncomingMessage, socket: Socket, head: Buffer) => {
      if (!isAzure(url)) {
        socket.end(`HTTP/1.1 403 ${url} is not simulated\r\n\r\n`);
        return;
      }
      socket.on('error', () => socket.destroy());
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.unshift(head);
      azure.emit('connection', socket);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    return new AzureProxy(proxy, sockets, authority.root);
  }

  private constructor(
    private readonly proxy: Server,
    private readonly sockets: ReadonlySet<Socket>,
    /** PEM of the authority that its certificate is issued by. */
    readonly root: string,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${(this.proxy.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.proxy, 'close');
    this.proxy.close();
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await closed;
  }
}

function isAzure(authority: string): boolean {
  const host = authority.replace(/:\d+$/, '').toLowerCase();
  return HOSTS.some((name) =>
    name.startsWith('*.')
      ? host.endsWith(name.slice(1)) && !host.slice(0, -name.length + 1).includes('.')
      : host === name,
  );
}

async function answer(handler: AzureHandler, message: IncomingMessage): Promise<AzureResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  const { headers, method = 'GET', url = '/' } = message;
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const { pathname, searchParams } = new URL(url, `https://${host}`);
  return handler({
    method,
    host,
    path: decodeURIComponent(pathname),
    query: new Map([...searchParams].map(([name, value]) => [name.toLowerCase(), value])),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    ),
    body: Buffer.concat(chunks),
  });
}
