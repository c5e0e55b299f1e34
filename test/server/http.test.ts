import http1 from 'node:http';
import http2 from 'node:http2';
import tls from 'node:tls';

import { issueCertificate } from '../support/certificates';
import { until } from '../support/until';
import { HOSTNAME, rowRequest } from './support/grpc-client';
import { http, RawSocket } from './support/http-client';
import { encodePredict, framed, PREDICT_PATH, RawClient, statusOf } from './support/raw-client';
import { keys, serverForTest } from './support/test-server';
import { afterwards } from '../support/cleanup';

const PREDICT = '/v1/models/tiny:predict';
const body = { instances: [[1, 2, 3]] };
const secret = { authorization: `Bearer ${keys.primaryKey}` };

function post(content: string, headers = ''): string {
  return `POST ${PREDICT} HTTP/1.1\r\nHost: x\r\n${headers}\r\n${content}`;
}

describe('one port', () => {
  it('with TLS serves HTTP/1.1 and HTTP/2, as the handshake agrees', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: [HOSTNAME] });
    const { port } = await serverForTest({ tls: { certificate, privateKey }, keys });
    const protocols = [['h2', 'http/1.1'], ['http/1.1'], undefined];
    const agreed = await Promise.all(
      protocols.map(
        (ALPNProtocols) =>
          new Promise((resolve) => {
            const socket = tls.connect({ port, host: '127.0.0.1', ALPNProtocols, rejectUnauthorized: false });
            socket.on('secureConnect', () => {
              resolve(socket.alpnProtocol);
              socket.destroy();
            });
          }),
      ),
    );
    expect(agreed).toEqual(['h2', 'http/1.1', false]);
    expect(await http(port, PREDICT, { body, headers: secret, trust: certificate })).toMatchObject({
      status: 200,
      json: { predictions: [[1, 2, 3]] },
    });
    const session = http2.connect(`https://${HOSTNAME}:${port}`, {
      ca: certificate,
      lookup: undefined,
      host: '127.0.0.1',
      servername: HOSTNAME,
    } as http2.SecureClientSessionOptions);
    afterwards(() => {
      session.destroy();
    });
    const stream = session.request({ ':method': 'POST', ':path': PREDICT, ...secret });
    stream.end(JSON.stringify(body));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
    }
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({ predictions: [[1, 2, 3]] });
  });

  it('answers HEAD with the headers of a GET, over HTTP/1.1 and HTTP/2', async () => {
    const { port } = await serverForTest();
    const client = new RawClient(port);
    afterwards(() => {
      client.close();
    });
    for (const [path, status] of [
      ['/readyz', 200],
      ['/v1/models/tiny', 200],
      ['/v1/models/other', 404],
      [PREDICT, 405],
    ] as const) {
      const got = await http(port, path);
      const head = await http(port, path, { verb: 'HEAD' });
      expect(head).toMatchObject({ status, body: Buffer.alloc(0) });
      expect(head.headers['content-length']).toBe(got.headers['content-length']);
      const overHttp2 = await client.send(path, Buffer.alloc(0), {
        ':method': 'HEAD',
        'content-type': 'application/json',
      });
      expect(overHttp2.headers[':status']).toBe(status);
      expect(overHttp2.body).toHaveLength(0);
    }
    expect((await http(port, '/readyz', { body })).headers.allow).toBe('GET, HEAD');
  });

  it('without TLS serves gRPC and REST on the same HTTP/2 connection', async () => {
    const { port } = await serverForTest();
    const client = new RawClient(port);
    afterwards(() => {
      client.close();
    });
    const rest = await client.send(PREDICT, Buffer.from(JSON.stringify(body)), {
      'content-type': 'application/json',
    });
    expect(JSON.parse(rest.body.toString())).toEqual({ predictions: [[1, 2, 3]] });
    const grpc = await client.send(PREDICT_PATH, framed(encodePredict(rowRequest(1, 2, 3))));
    expect(statusOf(grpc).code).toBe(0);
  });

  it('has the request ID, the revision and the request line of a REST call in its response and its log', async () => {
    const { port, log } = await serverForTest({ revision: 'r1' });
    const response = await http(port, `${PREDICT}?key=hidden`, { body, headers: { 'x-request-id': 'mine' } });
    expect(response.headers).toMatchObject({ 'x-request-id': 'mine', 'brainwave-revision': 'r1' });
    expect(log.call('mine')).toMatchObject({
      method: PREDICT_PATH,
      request: `POST ${PREDICT}`,
      status: 'OK',
    });
    expect(JSON.stringify(log)).not.toContain('hidden');
  });
});

describe('a key', () => {
  it.each([PREDICT, '/score', '/v2/models/tiny/infer'])(
    'is required by %s before the body is read',
    async (target) => {
      const { certificate, privateKey } = await issueCertificate({ names: [HOSTNAME] });
      const { port } = await serverForTest({ tls: { certificate, privateKey }, keys });
      const responses = await Promise.all(
        [undefined, { authorization: 'Bearer wrong' }].map((headers) =>
          http(port, target, { body: Buffer.alloc(100_000), headers, trust: certificate }),
        ),
      );
      expect(responses.map(({ status, headers }) => [status, headers['www-authenticate']])).toEqual([
        [401, 'Bearer'],
        [401, 'Bearer'],
      ]);
      expect(responses.map(({ json }) => json)).toEqual([
        {
          error:
            'the call has no key; send the primary or the secondary key as "Authorization: Bearer <key>"',
        },
        { error: 'the key is invalid; send the primary or the secondary key of this service' },
      ]);
    },
  );

  it('is not required for health checks', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: [HOSTNAME] });
    const { port } = await serverForTest({ tls: { certificate, privateKey }, keys });
    expect(await http(port, '/v2/health/ready', { trust: certificate })).toMatchObject({ status: 200 });
    expect(await http(port, '/v2', { trust: certificate })).toMatchObject({ status: 401 });
  });

  it('that is wrong too often delays the responses over HTTP, too', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: [HOSTNAME] });
    const { port, log } = await serverForTest({
      tls: { certificate, privateKey },
      keys,
      failedAttempts: { burst: 1, perSecond: 2 },
    });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await http(port, PREDICT, { body, trust: certificate })).toMatchObject({ status: 401 });
    }
    expect(JSON.stringify(log)).toContain('responses to calls without a valid key are now delayed');
  });
});

describe('a limit holds over HTTP:', () => {
  it('the size of a body, announced or not, also when it is decompressed', async () => {
    const { port } = await serverForTest({ maxMessageBytes: 1000 });
    const announced = await http(port, PREDICT, { body: Buffer.alloc(1_000_000) });
    expect(announced).toMatchObject({
      status: 413,
      json: { error: 'the body is 1000000 bytes, expected at most 1000; send fewer images per call' },
    });
    const client = new RawClient(port);
    afterwards(() => {
      client.close();
    });
    const unannounced = await client.send(PREDICT, Buffer.alloc(1001), {
      'content-type': 'application/json',
    });
    expect(unannounced.headers[':status']).toBe(413);
  });

  it('the size of the headers', async () => {
    const { port } = await serverForTest();
    const socket = new RawSocket(port);
    socket.socket.write(post('', `X: ${'a'.repeat(20_000)}\r\n`));
    expect(await socket.received).toMatch(/^HTTP\/1.1 431 /);
  });

  it('the number of calls in flight', async () => {
    const { port } = await serverForTest({ maxInFlight: 1 });
    const slow = new RawSocket(port);
    slow.socket.write(post('{', 'Content-Length: 100\r\n'));
    await until(async () => (await http(port, PREDICT, { body })).status === 429);
    expect(slow.socket.destroyed).toBe(false);
    slow.socket.destroy();
    await until(async () => (await http(port, PREDICT, { body })).status === 200);
  });
});

describe('a slow peer', () => {
  it('with its headers is disconnected', async () => {
    const { port } = await serverForTest({ timeouts: { handshakeMs: 200 } });
    const socket = new RawSocket(port);
    socket.socket.write('POST / HTTP/1.1\r\nHost:');
    expect(await socket.received).toMatch(/^HTTP\/1.1 408 /);
  });

  it('with its body is answered with 504 and releases its slot', async () => {
    const { port } = await serverForTest({ maxInFlight: 1, timeouts: { transferMs: 200 } });
    const socket = new RawSocket(port);
    socket.socket.write(post('{', 'Content-Length: 100\r\n'));
    expect(await socket.received).toMatch(
      /^HTTP\/1.1 504 [^]*the request was not received completely within the limit of 200 ms/,
    );
    expect(await http(port, PREDICT, { body })).toMatchObject({ status: 200 });
  });
});

describe('a client that waits for permission to send its body', () => {
  it('receives it, or the refusal instead', async () => {
    const { port } = await serverForTest({ maxMessageBytes: 1000 });
    const content = JSON.stringify(body);
    const allowed = new RawSocket(port);
    allowed.socket.write(
      post('', `Expect: 100-continue\r\nConnection: close\r\nContent-Length: ${content.length}\r\n`),
    );
    await new Promise((resolve) => allowed.socket.once('data', resolve));
    allowed.socket.write(content);
    expect(await allowed.received).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /);
    const refused = new RawSocket(port);
    refused.socket.write(post('', 'Expect: 100-continue\r\nContent-Length: 5000\r\n'));
    expect(await refused.received).toMatch(/^HTTP\/1.1 413 [^]*Connection: close/i);
  });
});

describe('a connection over HTTP/1.1', () => {
  it('serves several requests, and says which one is the last when it has reached its maximum age', async () => {
    const { port } = await serverForTest({ maxConnectionAgeSeconds: 0.3 });
    const agent = new http1.Agent({ keepAlive: true, maxSockets: 1 });
    afterwards(() => {
      agent.destroy();
    });
    const connections = new Set<unknown>();
    const connectionHeader = () =>
      new Promise<string | undefined>((resolve, reject) => {
        http1
          .get({ port, host: '127.0.0.1', path: '/v2/health/live', agent }, (response) => {
            connections.add(response.socket);
            response.resume();
            response.on('end', () => {
              resolve(response.headers.connection);
            });
          })
          .on('error', reject);
      });
    expect(await connectionHeader()).toBe('keep-alive');
    await until(async () => (await connectionHeader()) === 'close');
    expect(connections.size).toBe(1);
  });

  it('finishes its request when the server drains, and is then closed', async () => {
    const { port, server } = await serverForTest();
    const socket = new RawSocket(port);
    const content = JSON.stringify(body);
    socket.socket.write(post(content.slice(0, 5), `Content-Length: ${content.length}\r\n`));
    const idle = new RawSocket(port);
    idle.socket.write('GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => idle.socket.once('data', resolve));
    const stopped = server.stop(10_000);
    socket.socket.write(content.slice(5));
    expect(await socket.received).toMatch(/^HTTP\/1.1 200 [^]*Connection: close/i);
    await stopped;
    expect(await idle.received).toMatch(/^HTTP\/1.1 200 /);
  });
});
