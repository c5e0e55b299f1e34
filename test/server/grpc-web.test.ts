import { status } from '@grpc/grpc-js';

import { messageType } from '../../lib/wire/proto/load';
import { issueCertificate } from '../support/certificates';
import { HOSTNAME, rowRequest } from './support/grpc-client';
import { http } from './support/http-client';
import { encodePredict, framed, HEALTH_PATH, PREDICT_PATH, RawClient } from './support/raw-client';
import { keys, serverForTest, startServer, type TestServer } from './support/test-server';
import { afterwards } from '../support/cleanup';

const ORIGIN = 'https://app.example.com';
const body = framed(encodePredict(rowRequest(1, 2, 3)));
const binary = { 'content-type': 'application/grpc-web+proto' };
const text = { 'content-type': 'application/grpc-web-text' };

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ allowedOrigins: [ORIGIN], maxMessageBytes: 1000 });
});

afterAll(() => server.stop());

/** The frames of a response: the messages, and the trailers as text. */
function framesOf(bytes: Buffer): { messages: Buffer[]; trailers: string } {
  const messages: Buffer[] = [];
  let trailers = '';
  for (let at = 0; at < bytes.length;) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    const content = bytes.subarray(at + 5, end);
    if (bytes[at] === 0x80) {
      trailers += content.toString();
    } else {
      messages.push(content);
    }
    at = end;
  }
  return { messages, trailers };
}

function predictionOf(message: Buffer): unknown {
  const { outputs } = messageType<object, { outputs: Record<string, { floatVal: number[] }> }>(
    'tensorflow.serving.PredictResponse',
  ).deserialize(message);
  return outputs.output_alias.floatVal;
}

describe('gRPC-Web', () => {
  it('answers in binary', async () => {
    const response = await http(server.port, PREDICT_PATH, { body, headers: binary });
    const { messages, trailers } = framesOf(response.body);
    expect(messages.map(predictionOf)).toEqual([[1, 2, 3]]);
    expect(trailers).toBe('grpc-status:0\r\n');
    expect(response.headers['content-type']).toBe('application/grpc-web+proto');
  });

  it('answers in text, also to a request whose parts were encoded one by one', async () => {
    const parts = [body.subarray(0, 10), body.subarray(10)].map((part) => part.toString('base64'));
    for (const content of [body.toString('base64'), parts.join('')]) {
      const response = await http(server.port, PREDICT_PATH, { body: Buffer.from(content), headers: text });
      const decoded = (response.body.toString().match(/[^=]+=*/g) ?? []).map((part) =>
        Buffer.from(part, 'base64'),
      );
      const { messages, trailers } = framesOf(Buffer.concat(decoded));
      expect(messages.map(predictionOf)).toEqual([[1, 2, 3]]);
      expect(trailers).toBe('grpc-status:0\r\n');
    }
  });

  it('serves streams until the caller leaves, over HTTP/2', async () => {
    const client = new RawClient(server.port);
    afterwards(() => {
      client.close();
    });
    const { stream } = client.begin('/grpc.health.v1.Health/Watch', binary);
    stream.end(framed(Buffer.alloc(0)));
    const [chunk] = await new Promise<[Buffer]>((resolve) =>
      stream.once('data', (first: Buffer) => {
        resolve([first]);
      }),
    );
    expect(framesOf(chunk).messages).toHaveLength(1);
    stream.close();
  });

  it.each<[string, string, Uint8Array, status, string]>([
    ['an unknown method', '/a.B/C', body, status.UNIMPLEMENTED, 'method /a.B/C is not implemented'],
    [
      'a request without a message',
      PREDICT_PATH,
      Buffer.alloc(0),
      status.INVALID_ARGUMENT,
      'the request contains 0 messages, expected one',
    ],
    [
      'a truncated message',
      PREDICT_PATH,
      body.subarray(0, 9),
      status.INVALID_ARGUMENT,
      'the request ended in the middle of a message',
    ],
    [
      'what is no message',
      PREDICT_PATH,
      framed(Buffer.from('ffff', 'hex')),
      status.INVALID_ARGUMENT,
      'the message is not a valid request',
    ],
    [
      'a message that is too large',
      PREDICT_PATH,
      framed(Buffer.alloc(2000)),
      status.RESOURCE_EXHAUSTED,
      'expected at most 10',
    ],
    [
      'large health checks',
      HEALTH_PATH,
      framed(Buffer.alloc(70_000)),
      status.RESOURCE_EXHAUSTED,
      'expected at most',
    ],
  ])('answers %s with a status', async (_, path, content, code, message) => {
    const response = await http(server.port, path, { body: content, headers: binary });
    const { trailers } = framesOf(response.body);
    expect(decodeURIComponent(trailers)).toMatch(
      new RegExp(`^grpc-status:${code}\r\ngrpc-message:.*${message}`),
    );
    expect(response.status).toBe(200);
  });

  it('requires the key', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: [HOSTNAME] });
    const { port } = await serverForTest({ tls: { certificate, privateKey }, keys });
    const call = (headers: Record<string, string>) =>
      http(port, PREDICT_PATH, { body, headers, trust: certificate });
    expect(framesOf((await call(binary)).body).trailers).toMatch(/^grpc-status:16\r\n/);
    const allowed = await call({ ...binary, authorization: `Bearer ${keys.primaryKey}` });
    expect(framesOf(allowed.body).trailers).toBe('grpc-status:0\r\n');
  });
});

describe('a browser', () => {
  const preflight = (origin: string, port = server.port) =>
    http(port, PREDICT_PATH, {
      verb: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-grpc-web',
      },
    });

  it('lets pages of an allowed origin call and read the response', async () => {
    expect(await preflight(ORIGIN)).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-headers': 'authorization,x-grpc-web',
        'access-control-allow-methods': 'GET, POST',
        vary: 'origin',
      },
    });
    const response = await http(server.port, PREDICT_PATH, { body, headers: { ...binary, origin: ORIGIN } });
    expect(response.headers['access-control-allow-origin']).toBe(ORIGIN);
    expect(response.headers['access-control-expose-headers']).toContain('x-request-id');
    expect(response.headers['access-control-allow-credentials']).toBeUndefined();
    const refused = await http(server.port, '/v1/models/other', { headers: { origin: ORIGIN } });
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([404, ORIGIN]);
  });

  it('does not let other pages read it, and none if no origin is allowed', async () => {
    const closed = await serverForTest();
    for (const response of [await preflight('https://evil.example'), await preflight(ORIGIN, closed.port)]) {
      expect(response.status).toBe(404);
      expect(response.headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

it.each([['https://app.example.com/'], ['app.example.com'], ['https://app.example.com/page']])(
  'a server does not start with the allowed origin %s',
  async (origin) => {
    await expect(serverForTest({ allowedOrigins: ['*', origin] })).rejects.toThrow(
      `allowedOrigins[1] is "${origin}"; expected the origin of a page without a path, such as https://app.example.com, or "*"`,
    );
  },
);
