import { createServer, type Server, type TLSSocket } from 'node:tls';

import { secureContextOptions, type TlsContext } from '../../serving/tls-policy';
import type { PlaintextServers } from './plaintext-listener';

/** Creates a listener for HTTP/1.1 and HTTP/2 on one TLS port. The handshake (ALPN) agrees on the protocol. */
export function createTlsListener({ http1, http2, greetingMs }: PlaintextServers, tls: TlsContext): Server {
  const listener = createServer({
    ...secureContextOptions(tls),
    handshakeTimeout: greetingMs,
    ALPNProtocols: ['h2', 'http/1.1'],
    noDelay: true,
  });
  listener.on('secureConnection', (socket: TLSSocket) => {
    (socket.alpnProtocol === 'h2' ? http2 : http1).emit('connection', socket);
  });
  listener.on('tlsClientError', (_error, socket) => {
    socket.destroy();
  });
  // Node enforces the time limits for requests only on a server that has started to listen.
  listener.on('listening', () => http1.emit('listening'));
  listener.on('close', () => http1.close());
  return listener;
}
