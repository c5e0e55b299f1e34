import net from 'node:net';
import tls from 'node:tls';

import { status } from '@grpc/grpc-js';

import { tensorToProto } from '../../lib/wire/tensor-proto';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { HOSTNAME, rowRequest } from './support/grpc-client';
import { encodePredict, framed, HEALTH_PATH, PREDICT_PATH, RawClient, statusOf } from './support/raw-client';
import { serverForTest } from './support/test-server';

const body = framed(encodePredict(rowRequest(1, 2, 3)));
const METADATA_PATH = '/tensorflow.serving.PredictionService/GetModelMetadata';

function rawClient(port: number): RawClient {
  const client = new RawClient(port);
  afterwards(() => {
    client.close();
  });
  return client;
}

function closed(socket: net.Socket): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  afterwards(() => socket.destroy());
  return new Promise((resolve) =>
    socket.on('close', () => {
      resolve();
    }),
  );
}

describe('a slow peer', () => {
  it('with its request releases its slot when the time limit has passed', async () => {
    const { port, log } = await serverForTest({ maxInFlight: 1, timeouts: { transferMs: 300 } });
    const slow = rawClient(port).begin(PREDICT_PATH, { 'x-request-id': 'slow' });
    slow.stream.write(body.subarray(0, 10));
    expect(statusOf(await slow.answer)).toEqual({
      code: status.DEADLINE_EXCEEDED,
      message: 'the request was not received completely within the limit of 300 ms',
    });
    expect(log.call('slow')).toMatchObject({ status: 'DEADLINE_EXCEEDED' });
    expect(statusOf(await rawClient(port).send(PREDICT_PATH, body)).code).toBe(status.OK);
  });

  it('and sends a byte now and then, does not win any', async () => {
    const { port } = await serverForTest({ maxInFlight: 1, timeouts: { transferMs: 300 } });
    const slow = rawClient(port).begin(PREDICT_PATH);
    let sent = 0;
    const drip = setInterval(() => {
      slow.stream.write(body.subarray(sent, (sent += 1)));
    }, 20);
    afterwards(() => {
      clearInterval(drip);
    });
    expect(statusOf(await slow.answer).code).toBe(status.DEADLINE_EXCEEDED);
    expect(sent).toBeLessThan(body.length);
  });

  it('with reading its response releases its slot', async () => {
    const { port, log } = await serverForTest({
      maxInFlight: 1,
      limits: { workers: 1, maxBatch: 200_000 },
      timeouts: { transferMs: 1000 },
    });
    const data = new Float32Array(300_000).fill(0.5);
    const large = framed(encodePredict({ inputs: { x: tensorToProto({ shape: [100_000, 3], data }) } }));
    const client = rawClient(port);
    const slow = client.begin(PREDICT_PATH, { 'x-request-id': 'reads-nothing' });
    // Its window is 64 kB, and stays so for as long as nobody reads.
    slow.stream.removeAllListeners('data');
    slow.stream.pause();
    slow.stream.end(large);
    await new Promise((resolve) => slow.stream.on('close', resolve));
    expect(log.call('reads-nothing')).toMatchObject({
      status: 'DEADLINE_EXCEEDED',
      reason: 'the response was not read within the limit of 1000 ms',
    });
    expect(statusOf(await rawClient(port).send(PREDICT_PATH, body)).code).toBe(status.OK);
  });
});

describe('a connection', () => {
  it('on which no one speaks is closed', async () => {
    const { port } = await serverForTest({ timeouts: { handshakeMs: 200 } });
    await expect(closed(net.connect(port, '127.0.0.1'))).resolves.toBeUndefined();
  });

  it('on which half a greeting comes is closed', async () => {
    const { port } = await serverForTest({ timeouts: { handshakeMs: 200 } });
    const socket = net.connect(port, '127.0.0.1');
    socket.write('PRI * HTTP/2.0\r\n');
    await expect(closed(socket)).resolves.toBeUndefined();
  });

  it('that begins no TLS handshake is closed, and so is one that says nothing after it', async () => {
    const certificate = await issueCertificate({ names: [HOSTNAME] });
    const { port } = await serverForTest({ tls: certificate, timeouts: { handshakeMs: 200 } });
    const secure = tls.connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false });
    const both = [closed(net.connect(port, '127.0.0.1')), closed(secure)];
    await expect(Promise.all(both)).resolves.toHaveLength(2);
  });

  it('that has greeted stays, although it has nothing to ask for long', async () => {
    const { port } = await serverForTest({ timeouts: { handshakeMs: 100, transferMs: 100 } });
    const client = rawClient(port);
    await client.send(PREDICT_PATH, body);
    const silent = net.connect(port, '127.0.0.1');
    await closed(silent);
    expect(statusOf(await client.send(PREDICT_PATH, body)).code).toBe(status.OK);
  });
});

describe('a request without images', () => {
  it.each([HEALTH_PATH, METADATA_PATH])(
    'to %s cannot be large: no one needs a key to send one',
    async (path) => {
      const { port } = await serverForTest();
      const answer = await rawClient(port).send(path, framed(Buffer.alloc(70_000)));
      expect(statusOf(answer)).toEqual({
        code: status.RESOURCE_EXHAUSTED,
        message: 'the message is 70000 bytes, expected at most 65536; send fewer images per call',
      });
    },
  );
});

it.each([
  [{ handshakeMs: 0 }, 'timeouts.handshakeMs is 0; expected a number greater than 0'],
  [{ transferMs: -1 }, 'timeouts.transferMs is -1; expected a number greater than 0'],
])('a server does not start with the timeouts %j', async (timeouts, message) => {
  await expect(serverForTest({ timeouts })).rejects.toThrow(message);
});
