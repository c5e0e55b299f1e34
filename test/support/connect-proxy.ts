import http from 'node:http';
import net from 'node:net';

import { startPeer, type Peer } from '../client/peers';
import { afterwards } from './cleanup';

/** An HTTP proxy, and what it was asked: `host:port`, followed by the credentials if it got any. */
export interface ConnectProxy {
  readonly peer: Peer;
  readonly asked: string[];
  /** Address with credentials, as in an environment variable. */
  readonly url: string;
}

/** Starts a proxy that leads every name to one port of this machine, or answers with a status. */
export async function startConnectProxy(to: number | { readonly status: number }): Promise<ConnectProxy> {
  const asked: string[] = [];
  const server = http.createServer();
  server.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
    asked.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    if (typeof to !== 'number') {
      socket.end(`HTTP/1.1 ${to.status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const onward = net.connect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  const peer = await startPeer(server);
  afterwards(() => peer.close());
  return { peer, asked, url: `http://user:the-password@${peer.address}` };
}

/** What a proxy is asked for a service by a caller that has the URL of {@link ConnectProxy}. */
export function askedFor(service: string): string {
  return `${service} Basic ${Buffer.from('user:the-password').toString('base64')}`;
}
