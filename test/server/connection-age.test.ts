import { status } from '@grpc/grpc-js';
import fc from 'fast-check';

import { PredictionClient, type FloatTensor, type PredictionClientOptions } from '../../lib/client';
import { ageMs } from '../../lib/server/transport/connection-age';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { TcpBalancer } from '../support/tcp-balancer';
import { tinyModel } from '../support/tiny-model';
import { until } from '../support/until';
import { GrpcClient, HOSTNAME, rowRequest } from './support/grpc-client';
import { encodePredict, framed, PREDICT_PATH, RawClient, statusOf } from './support/raw-client';
import { serverForTest, type TestServer } from './support/test-server';

const body = framed(encodePredict(rowRequest(1, 2, 3)));
const row = { shape: [1, 3], data: Float32Array.of(1, 2, 3) };
/** 120 kB, which take several reads to arrive: GOAWAY is sent amid some of them. */
const wideRow = { shape: [1, 30_000], data: new Float32Array(30_000) };

function rawClient(port: number): RawClient {
  const client = new RawClient(port);
  afterwards(() => {
    client.close();
  });
  return client;
}

/** Callers with a connection each, which call one time after the other. */
class Callers {
  made = 0;
  readonly failures: unknown[] = [];
  private readonly over = new AbortController();
  private readonly loops: Promise<void>[];

  constructor(count: number, address: string, input: FloatTensor, options: Partial<PredictionClientOptions>) {
    this.loops = Array.from({ length: count }, async () => {
      const client = new PredictionClient({
        address,
        inputName: 'x',
        ...options,
      });
      while (!this.over.signal.aborted) {
        await client.predict(input).then(
          () => this.made++,
          (error: unknown) => this.failures.push(error),
        );
      }
      client.close();
    });
    afterwards(() => this.end());
  }

  async end(): Promise<void> {
    this.over.abort();
    await Promise.all(this.loops);
  }
}

/** The number of calls that a server has answered. */
function served({ log }: TestServer): number {
  return log.entries.filter(({ message, status }) => message === 'call' && status === 'OK').length;
}

describe('a connection that has reached its maximum age', () => {
  it('is announced to end, finishes its call in flight, and is closed', async () => {
    const { port } = await serverForTest({ maxConnectionAgeSeconds: 0.2 });
    const client = rawClient(port);
    const announced = client.goaway();
    const { stream, answer } = client.begin(PREDICT_PATH);
    stream.write(body.subarray(0, 10));
    await announced;
    stream.end(body.subarray(10));
    expect(statusOf(await answer)).toEqual({ code: status.OK, message: '' });
    await expect(client.closed()).resolves.toBeUndefined();
  });

  it('keeps its streams when no grace is set', async () => {
    const { address, server, port } = await serverForTest({ maxConnectionAgeSeconds: 0.1 });
    const client = new GrpcClient(address);
    afterwards(() => {
      client.close();
    });
    const other = rawClient(port);
    const statuses: string[] = [];
    const watch = client.stream<{ status: string }>('grpc.health.v1.Health/Watch', {});
    watch.on('error', () => undefined);
    watch.on('data', (answer: { status: string }) => statuses.push(answer.status));
    await until(() => statuses.length === 1);
    // Opened later, it is closed later, by more than the jitter.
    await other.send(PREDICT_PATH, body);
    await other.closed();
    const again = rawClient(port);
    await again.closed();
    void server.stop();
    await until(() => statuses.length === 2);
    expect(statuses).toEqual(['SERVING', 'NOT_SERVING']);
  });

  it('ends the calls that take longer than the grace, with a status that says why', async () => {
    const { port } = await serverForTest({
      maxConnectionAgeSeconds: 0.05,
      maxConnectionAgeGraceSeconds: 0.05,
    });
    const client = rawClient(port);
    const { stream, answer } = client.begin(PREDICT_PATH);
    stream.write(body.subarray(0, 10));
    expect(statusOf(await answer)).toEqual({
      code: status.UNAVAILABLE,
      message: 'the connection reached its maximum age; retry the call',
    });
    await expect(client.closed()).resolves.toBeUndefined();
  });
});

it('reloading changes the age of new connections', async () => {
  const { server, model, port } = await serverForTest();
  const before = rawClient(port);
  await before.send(PREDICT_PATH, body);
  await server.reload({ model, maxConnectionAgeSeconds: 0.1, limits: { workers: 1 } });
  const after = rawClient(port);
  await after.closed();
  expect(statusOf(await before.send(PREDICT_PATH, body)).code).toBe(status.OK);
});

it.each([['plaintext'], ['TLS']])('callers over %s lose no call when their connections age', async (kind) => {
  const tls = kind === 'TLS' ? await issueCertificate({ names: [HOSTNAME] }) : undefined;
  const zip = tinyModel({ columns: 30_000 });
  const { port } = await serverForTest({ tls, zip, maxConnectionAgeSeconds: 1 });
  const balancer = await TcpBalancer.start(port);
  const callers = new Callers(8, balancer.address, wideRow, {
    ...(tls ? { rootCertificates: tls.certificate, serverName: HOSTNAME } : { plaintext: true }),
    // What gRPC itself sends again is not a retry.
    retry: { maxAttempts: 1 },
  });
  await until(() => balancer.accepted >= 24);
  await callers.end();
  expect(callers.failures).toEqual([]);
  // On a busy machine, a call may take as long as a connection lives.
  expect(callers.made).toBeGreaterThanOrEqual(balancer.accepted / 2);
});

it('replicas that are added get their share of the calls, and no call is lost', async () => {
  const aged = () => serverForTest({ maxConnectionAgeSeconds: 0.5 });
  const replicas = [await aged(), await aged()];
  const balancer = await TcpBalancer.start(replicas[0].port);
  const callers = new Callers(12, balancer.address, row, { plaintext: true });
  const oneLife = async () => {
    const reached = balancer.accepted + 12;
    await until(() => balancer.accepted >= reached);
  };
  // On a busy machine, a life has few calls, so that it takes several until their numbers are even.
  const isShared = async () => {
    await oneLife();
    const before = replicas.map(served);
    await until(() => {
      const calls = replicas.map((replica, index) => served(replica) - before[index]);
      const total = calls.reduce((sum, count) => sum + count);
      const even = total / calls.length;
      return total >= 60 && calls.every((count) => Math.abs(count / even - 1) < 0.2);
    });
  };
  await until(() => served(replicas[0]) >= 12);

  balancer.add(replicas[1].port);
  await isShared();

  replicas.push(await aged());
  balancer.add(replicas[2].port);
  await isShared();
  await callers.end();
  expect(callers.failures).toEqual([]);
});

it('the age of a connection differs from the maximum by at most 10 %', () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 2_000_000, noNaN: true }), random, (maxSeconds, random) => {
      const seconds = ageMs({ maxSeconds }, random) / 1000;
      expect(seconds / maxSeconds).toBeGreaterThanOrEqual(0.9 - 1e-9);
      expect(seconds / maxSeconds).toBeLessThanOrEqual(1.1 + 1e-9);
    }),
  );
  expect(ageMs({ maxSeconds: 10 }, 0)).toBe(9000);
  expect(ageMs({ maxSeconds: 10 }, 1)).toBeCloseTo(11_000);
});

it.each([
  [{ maxConnectionAgeSeconds: 0 }, 'maxConnectionAgeSeconds is 0; expected a number greater than 0'],
  [
    { maxConnectionAgeSeconds: 1, maxConnectionAgeGraceSeconds: 3_000_000 },
    'maxConnectionAgeGraceSeconds is 3000000; expected a number greater than 0 and at most 2000000',
  ],
])('a server does not start with %j', async (options, message) => {
  await expect(serverForTest(options)).rejects.toThrow(message);
});
