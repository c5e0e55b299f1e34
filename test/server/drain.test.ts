import net from 'node:net';
import tls from 'node:tls';

import { status } from '@grpc/grpc-js';

import { ServerStoppedError } from '../../lib/server';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { until } from '../support/until';
import { GrpcClient, HOSTNAME, rowRequest } from './support/grpc-client';
import { encodePredict, framed, PREDICT_PATH, RawClient, statusOf } from './support/raw-client';
import { serverForTest, writeModel } from './support/test-server';

const body = framed(encodePredict(rowRequest(1, 2, 3)));

function rawClient(port: number): RawClient {
  const client = new RawClient(port);
  afterwards(() => {
    client.close();
  });
  return client;
}

describe('a server that stops', () => {
  it('finishes calls in flight, and rejects new ones', async () => {
    const { server, address, port } = await serverForTest();
    const raw = rawClient(port);
    const { stream, answer } = raw.begin(PREDICT_PATH);
    stream.write(body.subarray(0, 10));
    // Answered on the same connection, so the call before it has arrived, too.
    await raw.send(PREDICT_PATH, body);
    const stopped = server.stop();
    const late = new GrpcClient(address);
    const refused = await late.predict(rowRequest(1, 2, 3));
    late.close();
    const onTheSameConnection = await raw.send(PREDICT_PATH, body).then(statusOf, () => ({ code: NaN }));
    stream.end(body.subarray(10));
    expect(statusOf(await answer)).toEqual({ code: status.OK, message: '' });
    await stopped;
    expect(refused.status).toBe('UNAVAILABLE');
    expect(onTheSameConnection.code).not.toBe(status.OK);
  });

  it('ends calls that take longer than they are given, with UNAVAILABLE in the log', async () => {
    const { server, port, log } = await serverForTest();
    const raw = rawClient(port);
    const { stream, answer } = raw.begin(PREDICT_PATH, { 'x-request-id': 'too-slow' });
    stream.write(body.subarray(0, 10));
    await raw.send(PREDICT_PATH, body);
    await server.stop(50);
    await answer;
    expect(log.call('too-slow')).toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'the server is shutting down; retry the call',
    });
    expect(log.entries).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'calls were still in flight when the drain time ended',
      }),
    );
  });

  // Its 30 seconds of grace would be over after the test's.
  it('does not wait for a watch, an idle connection, or peers that never say anything', async () => {
    const certificate = await issueCertificate({ names: [HOSTNAME] });
    const { server, address, port } = await serverForTest({ tls: certificate });
    const client = new GrpcClient(address, { root: certificate.certificate });
    afterwards(() => {
      client.close();
    });
    await client.predict(rowRequest(1, 2, 3));
    const watch = client.stream('grpc.health.v1.Health/Watch', {});
    watch.on('error', () => undefined);
    await new Promise((resolve) => watch.once('data', resolve));
    const silent = net.connect(port, '127.0.0.1');
    const secure = tls.connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false });
    for (const socket of [silent, secure]) {
      socket.on('error', () => undefined);
      afterwards(() => socket.destroy());
    }
    await new Promise((resolve) => secure.once('secureConnect', resolve));
    await expect(server.stop()).resolves.toBeUndefined();
  }, 15_000);

  it('stops only once, even if stopped repeatedly', async () => {
    const { server, log } = await serverForTest();
    await Promise.all([server.stop(), server.stop(), server.stop(0)]);
    await server.stop();
    expect(log.entries.filter(({ message }) => message === 'stopped')).toHaveLength(1);
  });

  it('aborts loading a model, and accepts no other', async () => {
    const started = await serverForTest();
    const { server, model, log } = started;
    const path = await writeModel(started, 'sample.zip', sampleServiceDefinition()._toZip());
    const reloading = server.reload({ model: { ...model, path } });
    const failure = reloading.catch((error: unknown) => error);
    await server.stop();
    expect(await failure).toBeInstanceOf(ServerStoppedError);
    await expect(server.reload({ model })).rejects.toThrow(ServerStoppedError);
    expect(log.entries.at(-1)).toMatchObject({ message: 'stopped' });
  });
});

it('a peer that disappears releases its slots', async () => {
  const { port, server } = await serverForTest({
    maxInFlight: 1,
    keepAlive: { intervalMs: 50, timeoutMs: 100 },
  });
  const vanished = net.connect(port, '127.0.0.1');
  afterwards(() => vanished.destroy());
  // It lives on as a connection, and neither reads nor answers.
  const relay = net.createServer((socket) => {
    socket.on('error', () => undefined);
    vanished.on('error', () => undefined);
    socket.pipe(vanished);
    vanished.pipe(socket);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  afterwards(() => relay.close());
  const behind = rawClient((relay.address() as net.AddressInfo).port);
  behind.begin(PREDICT_PATH).stream.write(body.subarray(0, 10));
  const other = rawClient(port);
  await until(async () => statusOf(await other.send(PREDICT_PATH, body)).code === status.RESOURCE_EXHAUSTED);
  vanished.unpipe();
  vanished.pause();
  await until(async () => statusOf(await other.send(PREDICT_PATH, body)).code === status.OK);
  await expect(server.stop()).resolves.toBeUndefined();
});
