import { createServer as createHttp1Server, get } from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';

import { createPlaintextListener } from '../../../lib/server/transport/plaintext-listener';
import { afterwards } from '../../support/cleanup';

/** Listens with both servers, each of which answers with its protocol. */
async function listen(greetingMs = 10_000): Promise<number> {
  const http1 = createHttp1Server(
    { headersTimeout: greetingMs, connectionsCheckingInterval: 20 },
    (request, response) => response.end(`HTTP/1.1 ${request.url ?? ''}`),
  );
  const second = http2.createServer();
  second.on('stream', (stream) => {
    stream.respond({ ':status': 200 });
    stream.end('HTTP/2');
  });
  const listener = createPlaintextListener({ http1, http2: second, greetingMs });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  afterwards(() => listener.close());
  return (listener.address() as AddressInfo).port;
}

function connect(port: number): net.Socket {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  afterwards(() => socket.destroy());
  return socket;
}

/** Everything that a connection answers until it is closed. */
async function answerOf(socket: net.Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.on('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}

it('one plaintext port answers HTTP/1.1 and HTTP/2', async () => {
  const port = await listen();
  const first = await new Promise<string>((resolve) => {
    get({ port, host: '127.0.0.1', path: '/livez', agent: false }, (response) => {
      response.on('data', (chunk: Buffer) => {
        resolve(chunk.toString());
      });
    });
  });
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':path': '/' });
  const second = await new Promise<string>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      resolve(chunk.toString());
    });
  });
  session.close();
  expect([first, second]).toEqual(['HTTP/1.1 /livez', 'HTTP/2']);
});

it.each(['GET', 'POST', 'PROPFIND'])('a %s request that arrives byte by byte is answered', async (method) => {
  const socket = connect(await listen());
  const answer = answerOf(socket);
  for (const byte of `${method} /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`) {
    await new Promise((resolve) => socket.write(byte, resolve));
  }
  expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n.*HTTP\/1\.1 \/x/);
});

it('a client that closes its half of the connection after the request receives the answer', async () => {
  const socket = connect(await listen());
  socket.end('GET /x HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await answerOf(socket)).toContain('HTTP/1.1 /x');
});

it('an HTTP/2 preface that arrives byte by byte starts a session', async () => {
  const socket = connect(await listen());
  const answered = new Promise<Buffer>((resolve) => socket.once('data', resolve));
  const settings = '\0\0\0\x04\0\0\0\0\0';
  for (const byte of `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${settings}`) {
    await new Promise((resolve) => socket.write(byte, 'latin1', resolve));
  }
  // The fourth byte of a frame is its type, and 4 is SETTINGS.
  expect((await answered)[3]).toBe(4);
});

it.each([
  ['sends nothing', ''],
  ['stops within the preface', 'PR'],
  ['stops within its headers', 'GET / HTTP/1.1\r\nHost'],
])('a peer that %s is disconnected after the time limit', async (_what, bytes) => {
  const socket = connect(await listen(100));
  if (bytes) {
    socket.write(bytes);
  }
  expect(await answerOf(socket)).toMatch(/^$|^HTTP\/1\.1 408 /);
});

it('a peer that ends its connection before its first request is disconnected', async () => {
  const socket = connect(await listen());
  socket.end('P');
  expect(await answerOf(socket)).toBe('');
});
