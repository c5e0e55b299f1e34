import net from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';

import { status } from '@grpc/grpc-js';

import { messageType } from '../../lib/wire/proto/load';
import { tensorToProto } from '../../lib/wire/tensor-proto';
import { until } from '../support/until';
import { GrpcClient, rowRequest } from './support/grpc-client';
import { encodePredict, framed, HEALTH_PATH, PREDICT_PATH, RawClient, statusOf } from './support/raw-client';
import { startServer, type TestServer } from './support/test-server';

let server: TestServer;
let client: RawClient;
const good = encodePredict(rowRequest(1, 2, 3));

beforeAll(async () => {
  server = await startServer({ maxMessageBytes: 64 * 1024 });
  client = new RawClient(server.port);
});

afterAll(async () => {
  client.close();
  await server.stop();
});

// The same connection serves the next good call, whatever was on it before.
afterEach(async () => {
  const answer = await client.send(PREDICT_PATH, framed(good));
  const { outputs } = messageType<object, { outputs: object }>(
    'tensorflow.serving.PredictResponse',
  ).deserialize(answer.body.subarray(5));
  if (statusOf(answer).code !== status.OK || !('output_alias' in outputs)) {
    throw new Error(`the next good call ends with ${JSON.stringify(statusOf(answer))}`);
  }
});

function matching(message: string | RegExp): string {
  return typeof message === 'string' ? message : (expect.stringMatching(message) as string);
}

describe('a request is gRPC if its content type is', () => {
  it.each(['application/grpc', 'application/grpc+proto', 'application/grpc; charset=utf-8'])(
    '%s',
    async (type) => {
      const answer = await client.send(PREDICT_PATH, framed(good), { 'content-type': type });
      expect(answer.headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc' });
      expect(statusOf(answer).code).toBe(status.OK);
    },
  );

  it('not application/grpc+json', async () => {
    const answer = await client.send(PREDICT_PATH, framed(good), { 'content-type': 'application/grpc+json' });
    expect(answer.headers[':status']).toBe(404);
  });
});

describe('a request is rejected with a sentence', () => {
  const unknown = '/tensorflow.serving.PredictionService/Nothing';
  it.each<[string, string, () => Uint8Array, Record<string, string>, status, string | RegExp]>([
    [
      'to an unknown method',
      unknown,
      () => framed(good),
      {},
      status.UNIMPLEMENTED,
      `method ${unknown} is not implemented by this server`,
    ],
    [
      'to an unknown service',
      '/a.B/C',
      () => framed(good),
      {},
      status.UNIMPLEMENTED,
      'method /a.B/C is not implemented by this server',
    ],
    [
      'of two messages',
      PREDICT_PATH,
      () => Buffer.concat([framed(good), framed(good)]),
      {},
      status.UNIMPLEMENTED,
      `${PREDICT_PATH} accepts one message, received more`,
    ],
    [
      'of no message',
      PREDICT_PATH,
      () => Buffer.alloc(0),
      {},
      status.INVALID_ARGUMENT,
      'the request contains no message, expected one',
    ],
    [
      'that ends within its prefix',
      PREDICT_PATH,
      () => framed(good).subarray(0, 3),
      {},
      status.INVALID_ARGUMENT,
      'the request ended in the middle of a message',
    ],
    [
      'that ends within its message',
      PREDICT_PATH,
      () => framed(good).subarray(0, 20),
      {},
      status.INVALID_ARGUMENT,
      'the request ended in the middle of a message',
    ],
    [
      'of random bytes',
      PREDICT_PATH,
      () => framed(Buffer.from('ff'.repeat(40), 'hex')),
      {},
      status.INVALID_ARGUMENT,
      /^the message is not a valid request for .*Predict \(.+\)$/,
    ],
    [
      'of a message that announces more than the limit',
      PREDICT_PATH,
      () => Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]),
      {},
      status.RESOURCE_EXHAUSTED,
      'the message is 4294967295 bytes, expected at most 65536; send fewer images per call',
    ],
    [
      'in an encoding that is not known',
      PREDICT_PATH,
      () => framed(good, true),
      { 'grpc-encoding': 'snappy' },
      status.UNIMPLEMENTED,
      'the message is compressed with "snappy", expected one of identity,gzip,deflate',
    ],
    [
      'that is compressed without saying how',
      PREDICT_PATH,
      () => framed(good, true),
      {},
      status.INTERNAL,
      'the message is compressed with "identity", expected one of identity,gzip,deflate',
    ],
    [
      'that is not what its encoding says',
      PREDICT_PATH,
      () => framed(good, true),
      { 'grpc-encoding': 'gzip' },
      status.INTERNAL,
      'the message is not valid gzip data',
    ],
    [
      'that inflates over the limit',
      PREDICT_PATH,
      () => framed(gzipSync(Buffer.alloc(10_000_000)), true),
      { 'grpc-encoding': 'gzip' },
      status.RESOURCE_EXHAUSTED,
      /^the message is more than 65536 bytes when decompressed/,
    ],
    [
      'with a deadline that is none',
      PREDICT_PATH,
      () => framed(good),
      { 'grpc-timeout': '10 seconds' },
      status.INVALID_ARGUMENT,
      'grpc-timeout is "10 seconds"; expected 1 to 8 digits and a unit: H, M, S, m, u or n',
    ],
    [
      'with a deadline that has passed',
      PREDICT_PATH,
      () => framed(good).subarray(0, 10),
      { 'grpc-timeout': '0n' },
      status.DEADLINE_EXCEEDED,
      'the deadline of 0 ms was exceeded; raise it or send fewer images per call',
    ],
  ])('%s', async (name, path, body, headers, code, message) => {
    const { stream, answer } = client.begin(path, headers);
    // A deadline can only pass while something is still to come.
    if (code === status.DEADLINE_EXCEEDED) {
      stream.write(body());
    } else {
      stream.end(body());
    }
    const got = statusOf(await answer);
    expect(got).toEqual({
      code,
      message: matching(message),
    });
  });
});

describe('a request is served', () => {
  it.each([
    ['gzip', gzipSync(good)],
    ['deflate', deflateSync(good)],
  ])('compressed with %s', async (encoding, body) => {
    const answer = await client.send(PREDICT_PATH, framed(body, true), { 'grpc-encoding': encoding });
    expect(statusOf(answer).code).toBe(status.OK);
    expect(answer.headers['grpc-accept-encoding']).toBe('identity,gzip,deflate');
  });

  it('uncompressed, although the call names an encoding', async () => {
    const answer = await client.send(PREDICT_PATH, framed(good), { 'grpc-encoding': 'gzip' });
    expect(statusOf(answer).code).toBe(status.OK);
  });

  it('whose message comes byte by byte', async () => {
    const { stream, answer } = client.begin(PREDICT_PATH);
    for (const byte of framed(good)) {
      stream.write(Buffer.from([byte]));
    }
    stream.end();
    expect(statusOf(await answer).code).toBe(status.OK);
  });

  it.each(['1H', '1M', '90S', '60000m', '60000000u', '99999999n', '99999999H'])(
    'within a deadline of %s',
    async (timeout) => {
      const answer = await client.send(PREDICT_PATH, framed(good), { 'grpc-timeout': timeout });
      expect(statusOf(answer).code).toBe(status.OK);
    },
  );
});

describe('headers', () => {
  it('carry a message that is not ASCII percent-encoded', async () => {
    const request = encodePredict({ ...rowRequest(1, 2, 3), modelSpec: { name: 'größe 100% 🐈\n' } });
    const answer = await client.send(PREDICT_PATH, framed(request));
    expect(answer.trailers['grpc-message']).toContain('"gr%C3%B6%C3%9Fe 100%25 %F0%9F%90%88%0A"');
    expect(statusOf(answer).message).toBe(
      'unknown model "größe 100% 🐈\n"; this server serves "tiny" (also if the name is empty)',
    );
  });

  it('carry the request id back, also of a call that fails', async () => {
    const headers = { 'x-request-id': 'from-the-gateway.42' };
    const served = await client.send(PREDICT_PATH, framed(good), headers);
    const failed = await client.send('/a.B/C', framed(good), headers);
    expect(served.headers['x-request-id']).toBe('from-the-gateway.42');
    expect(failed.headers['x-request-id']).toBe('from-the-gateway.42');
  });

  it.each([
    ['an answer', PREDICT_PATH, framed(good)],
    ['a method that there is not', '/a.B/C', framed(good)],
    ['a message that is none', PREDICT_PATH, Buffer.from('no message')],
    ['a health check', HEALTH_PATH, framed(Buffer.alloc(0))],
  ])(
    'carry the request id as Azure ML’s clients look for it, in the initial metadata: %s',
    async (_, path, body) => {
      const { headers, trailers } = await client.send(path, body, { 'x-request-id': 'mine-1' });
      expect(headers).toMatchObject({ ':status': 200, request_id: 'mine-1' });
      // The status in the first headers would make all of them trailers in the eyes of grpc's C core.
      expect(headers['grpc-status']).toBeUndefined();
      expect(trailers['grpc-status']).toBeDefined();
    },
  );

  it('carry the revision of the deployment and the replica, with answers and errors, if the server has one', async () => {
    const revised = await startServer({ revision: 'r1' });
    const own = new RawClient(revised.port);
    const served = await own.send(PREDICT_PATH, framed(good));
    const failed = await own.send('/a.B/C', framed(good));
    own.close();
    await revised.server.reload({ model: revised.model, limits: { workers: 1 }, revision: 'r2' });
    const next = new RawClient(revised.port);
    const reloaded = await next.send(PREDICT_PATH, framed(good));
    next.close();
    await revised.stop();
    const answers = [served, failed, reloaded];
    expect(answers.map(({ headers }) => headers['brainwave-revision'])).toEqual(['r1', 'r1', 'r2']);
    const replicas = new Set(answers.map(({ headers }) => headers['brainwave-replica']));
    expect([...replicas]).toEqual([expect.stringMatching(/^[\da-f-]{36}$/)]);

    const without = await client.send(PREDICT_PATH, framed(good));
    expect(without.headers['brainwave-revision']).toBeUndefined();
    expect(without.headers['brainwave-replica']).toBeUndefined();
  });

  it.each(['"quoted"', 'a b', 'x'.repeat(129)])(
    'do not carry back the request id %s, but one of ours',
    async (id) => {
      const answer = await client.send(PREDICT_PATH, framed(good), { 'x-request-id': id });
      expect(answer.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
    },
  );

  it('may be large, but not beyond all measure', async () => {
    const large = await client.send(PREDICT_PATH, framed(good), { 'x-trace': 'x'.repeat(30_000) });
    expect(statusOf(large).code).toBe(status.OK);
    const other = new RawClient(server.port);
    const huge = await other.send(PREDICT_PATH, framed(good), { 'x-trace': 'x'.repeat(300_000) });
    other.close();
    expect(statusOf(huge).code).not.toBe(status.OK);
  });
});

describe('a caller that goes', () => {
  it('in the middle of its message is CANCELLED in the log, and releases its slot', async () => {
    const limited = await startServer({ maxInFlight: 1 });
    const own = new RawClient(limited.port);
    try {
      const first = own.begin(PREDICT_PATH, { 'x-request-id': 'reset-in-the-middle' });
      first.stream.write(framed(good).subarray(0, 20));
      // Its place is taken: another call is refused.
      await until(async () => {
        const refused = statusOf(await own.send(PREDICT_PATH, framed(good)));
        return (
          refused.code === status.RESOURCE_EXHAUSTED &&
          refused.message.startsWith('the limit of 1 calls in flight is reached')
        );
      });
      first.stream.close(8);
      await until(async () => statusOf(await own.send(PREDICT_PATH, framed(good))).code === status.OK);
      expect(limited.log.call('reset-in-the-middle')).toMatchObject({ status: 'CANCELLED' });
    } finally {
      own.close();
      await limited.stop();
    }
  });

  it('with its whole connection releases its slots', async () => {
    const limited = await startServer({ maxInFlight: 1 });
    const gone = new RawClient(limited.port);
    const next = new RawClient(limited.port);
    try {
      const first = gone.begin(PREDICT_PATH);
      first.stream.write(framed(good).subarray(0, 20));
      await until(
        async () => statusOf(await next.send(PREDICT_PATH, framed(good))).code === status.RESOURCE_EXHAUSTED,
      );
      gone.close();
      await until(async () => statusOf(await next.send(PREDICT_PATH, framed(good))).code === status.OK);
      expect(limited.log.text).toContain('CANCELLED');
    } finally {
      next.close();
      await limited.stop();
    }
  });

  it('or speaks another protocol, does not disturb the others', async () => {
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x02\x00', '\0'.repeat(100)]) {
      const socket = net.connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(bytes, 'latin1');
      await new Promise((resolve) => socket.on('close', resolve));
    }
    const other = new GrpcClient(server.address);
    expect((await other.predict(rowRequest(1, 2, 3))).status).toBe('OK');
    other.close();
  });
});

it('an answer larger than the flow-control window arrives whole', async () => {
  const large = await startServer({ limits: { workers: 1, maxBatch: 20_000 } });
  const other = new RawClient(large.port);
  try {
    const data = new Float32Array(60_000).fill(0.5);
    const request = encodePredict({ inputs: { x: tensorToProto({ shape: [20_000, 3], data }) } });
    const answer = await other.send(PREDICT_PATH, framed(request));
    expect(statusOf(answer).code).toBe(status.OK);
    expect(answer.body.length).toBeGreaterThan(240_000);
  } finally {
    other.close();
    await large.stop();
  }
});

it('900 calls that are reset by their caller do not end the connection', async () => {
  const resets = Array.from({ length: 900 }, () => {
    const { stream, answer } = client.begin(HEALTH_PATH);
    stream.close(8);
    return answer;
  });
  await expect(Promise.all(resets)).resolves.toHaveLength(900);
});
