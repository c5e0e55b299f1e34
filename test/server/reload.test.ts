import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

import { status } from '@grpc/grpc-js';

import { issueCertificate, type IssuedCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { freePort } from '../support/free-port';
import { tinyModel } from '../support/tiny-model';
import { until } from '../support/until';
import { answerOf, GrpcClient, HOSTNAME, rowRequest, type GrpcClientOptions } from './support/grpc-client';
import { encodePredict, framed, PREDICT_PATH, RawClient, statusOf } from './support/raw-client';
import { keys, serverForTest, writeModel, type TestServer } from './support/test-server';

function clientFor(address: string, options: GrpcClientOptions = {}): GrpcClient {
  const client = new GrpcClient(address, options);
  afterwards(() => {
    client.close();
  });
  return client;
}

/** The certificate that a new connection is shown. */
async function servedCertificate(port: number): Promise<string> {
  const socket = tls.connect({
    port,
    host: '127.0.0.1',
    servername: HOSTNAME,
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
  });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const fingerprint = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
  socket.destroy();
  return fingerprint;
}

function fingerprintOf({ certificate }: IssuedCertificate): string {
  return new X509Certificate(certificate).fingerprint256;
}

let first: IssuedCertificate;
let second: IssuedCertificate;

beforeAll(async () => {
  first = await issueCertificate({ names: [HOSTNAME] });
  second = await issueCertificate({ names: [HOSTNAME] });
});

describe('keys', () => {
  it('rotate one at a time while calls continue', async () => {
    const server = await serverForTest({ tls: first, keys });
    const root = first.certificate;
    const client = clientFor(server.address, { root, key: keys.secondaryKey });
    await server.server.reload({
      model: server.model,
      tls: first,
      keys: { primaryKey: 'new-primary', secondaryKey: keys.secondaryKey },
    });
    const former = clientFor(server.address, { root, key: keys.primaryKey });
    const rotated = clientFor(server.address, { root, key: 'new-primary' });
    expect((await client.predict(rowRequest(1, 2, 3))).status).toBe('OK');
    expect((await rotated.predict(rowRequest(1, 2, 3))).status).toBe('OK');
    expect((await former.predict(rowRequest(1, 2, 3))).status).toBe('UNAUTHENTICATED');
    expect(server.log.text).not.toMatch(/new-primary|primary-key/);
  });

  it.each([
    ['empty', '', 'primaryKey is empty, so no client can send it; use random letters and digits'],
    [
      'not sendable',
      'schlüssel',
      'primaryKey is not printable ASCII without spaces, so no client can send it; use random letters and digits',
    ],
  ])('that are %s are rejected, and the previous ones stay', async (_, primaryKey, message) => {
    const server = await serverForTest({ tls: first, keys });
    await expect(
      server.server.reload({ model: server.model, tls: first, keys: { ...keys, primaryKey } }),
    ).rejects.toThrow(message);
    const client = clientFor(server.address, { root: first.certificate, key: keys.primaryKey });
    expect((await client.predict(rowRequest(1, 2, 3))).status).toBe('OK');
  });
});

describe('the certificate', () => {
  it('is replaced for new connections, while open ones continue', async () => {
    const server = await serverForTest({ tls: first });
    const open = clientFor(server.address, { root: first.certificate });
    await open.predict(rowRequest(1, 2, 3));
    await server.server.reload({ model: server.model, tls: second });
    expect(await servedCertificate(server.port)).toBe(fingerprintOf(second));
    expect((await open.predict(rowRequest(1, 2, 3))).status).toBe('OK');
    const fresh = clientFor(server.address, { root: second.certificate });
    expect((await fresh.predict(rowRequest(1, 2, 3))).status).toBe('OK');
  });

  it.each([
    [
      'whose key is another’s',
      () => ({ certificate: second.certificate, privateKey: first.privateKey }),
      'the certificate and the private key do not match; use the private key for which the certificate was issued',
    ],
    [
      'that is no PEM',
      () => ({ certificate: 'hello', privateKey: first.privateKey }),
      /^the certificate or the private key is invalid \(.+\); use PEM, and a private key without a passphrase$/,
    ],
  ])('%s is rejected, and the previous one continues to serve', async (_, pair, message) => {
    const server = await serverForTest({ tls: first });
    await expect(server.server.reload({ model: server.model, tls: pair() })).rejects.toThrow(message);
    expect(await servedCertificate(server.port)).toBe(fingerprintOf(first));
    expect(server.log.text).not.toContain('BEGIN');
  });

  it('stays when the model that comes with a new one cannot be loaded', async () => {
    const server = await serverForTest({ tls: first, keys });
    await expect(
      server.server.reload({
        model: { ...server.model, path: `${server.model.path}.missing` },
        tls: second,
        keys: { primaryKey: 'a', secondaryKey: 'b' },
      }),
    ).rejects.toThrow(/service definition .+ does not exist/);
    expect(await servedCertificate(server.port)).toBe(fingerprintOf(first));
    const client = clientFor(server.address, { root: first.certificate, key: keys.primaryKey });
    expect((await client.predict(rowRequest(1, 2, 3))).status).toBe('OK');
  });
});

describe('TLS', () => {
  it('is switched on and off on the same port, and keys count only while it is on', async () => {
    const { server, model, address, port } = await serverForTest({ keys });
    const plain = clientFor(address);
    expect((await plain.predict(rowRequest(1, 2, 3))).status).toBe('OK');

    await server.reload({ model, keys, tls: first });
    expect(server.port).toBe(port);
    const secure = clientFor(address, { root: first.certificate, key: keys.primaryKey });
    const keyless = clientFor(address, { root: first.certificate });
    expect((await secure.predict(rowRequest(1, 2, 3))).status).toBe('OK');
    expect((await keyless.predict(rowRequest(1, 2, 3))).status).toBe('UNAUTHENTICATED');
    expect((await plain.predict(rowRequest(1, 2, 3))).status).toBe('UNAVAILABLE');

    await server.reload({ model, keys });
    const again = clientFor(address);
    expect((await again.predict(rowRequest(1, 2, 3))).status).toBe('OK');
  });

  it('is switched while a call is in flight, which ends as it began', async () => {
    const { server, model, port } = await serverForTest();
    const raw = new RawClient(port);
    afterwards(() => {
      raw.close();
    });
    const body = framed(encodePredict(rowRequest(1, 2, 3)));
    const { stream, answer } = raw.begin(PREDICT_PATH);
    stream.write(body.subarray(0, 10));
    // Answered on the same connection, so the call before it has arrived, too.
    await raw.send(PREDICT_PATH, body);
    await server.reload({ model, tls: first });
    stream.end(body.subarray(10));
    expect(statusOf(await answer).code).toBe(status.OK);
  });
});

describe('the model', () => {
  async function reloadUnderLoad(server: TestServer, reload: () => Promise<void>): Promise<number[][]> {
    const client = clientFor(server.address);
    const answers: number[][] = [];
    let done = false;
    const load = Array.from({ length: 8 }, async () => {
      while (!done) {
        const outcome = await client.predict(rowRequest(1, -2, 3));
        expect(outcome.status).toBe('OK');
        answers.push(answerOf(outcome));
      }
    });
    await until(() => answers.length > 50);
    await reload();
    const reached = answers.length;
    await until(() => answers.length > reached + 50);
    done = true;
    await Promise.all(load);
    return answers;
  }

  it('is switched under load without a call that fails, and no answer mixes the two', async () => {
    const server = await serverForTest();
    const path = await writeModel(server, 'negative.zip', tinyModel({ operation: 'Neg' }));
    const answers = await reloadUnderLoad(server, () =>
      server.server.reload({ model: { name: 'tiny', version: '2', path } }),
    );
    const distinct = new Set(answers.map((answer) => answer.join(' ')));
    expect([...distinct]).toEqual(['1 -2 3', '-1 2 -3']);
    expect(answers.at(-1)).toEqual([-1, 2, -3]);
  });

  it('is loaded again when its file has other content, although name, version and path are the same', async () => {
    const server = await serverForTest();
    const client = clientFor(server.address);
    await writeModel(server, 'model.zip', tinyModel({ operation: 'Neg' }));
    await server.server.reload({ model: server.model, limits: { workers: 1 } });
    expect(answerOf(await client.predict(rowRequest(1, -2, 3)))).toEqual([-1, 2, -3]);
  });

  it('is not loaded again when only the limit changes, which holds at once', async () => {
    const server = await serverForTest();
    const raw = new RawClient(server.port);
    afterwards(() => {
      raw.close();
    });
    const body = framed(encodePredict(rowRequest(1, 2, 3)));
    await server.server.reload({ model: server.model, limits: { workers: 1 }, maxInFlight: 1 });
    const held = raw.begin(PREDICT_PATH);
    held.stream.write(body.subarray(0, 10));
    expect(statusOf(await raw.send(PREDICT_PATH, body))).toEqual({
      code: status.RESOURCE_EXHAUSTED,
      message: 'the limit of 1 calls in flight is reached; retry with a backoff',
    });
    held.stream.end(body.subarray(10));
    expect(statusOf(await held.answer).code).toBe(status.OK);
    expect(server.log.entries.filter(({ message }) => message === 'model loaded')).toHaveLength(1);
  });

  it('that cannot be loaded is rejected, and the previous one continues', async () => {
    const server = await serverForTest();
    const path = await writeModel(server, 'broken.zip', Buffer.from('no zip'));
    await expect(server.server.reload({ model: { ...server.model, path } })).rejects.toThrow(
      /the service definition is not a zip/,
    );
    expect(answerOf(await clientFor(server.address).predict(rowRequest(1, -2, 3)))).toEqual([1, -2, 3]);
  });
});

it('concurrent reloads run one at a time, and the last one stays', async () => {
  const server = await serverForTest();
  const paths = await Promise.all(
    (['Neg', 'Abs', 'Identity', 'Abs'] as const).map((operation, index) =>
      writeModel(server, `${index}.zip`, tinyModel({ operation })),
    ),
  );
  await Promise.all(paths.map((path) => server.server.reload({ model: { ...server.model, path } })));
  expect(answerOf(await clientFor(server.address).predict(rowRequest(1, -2, 3)))).toEqual([1, 2, 3]);
});

it('the health port is opened, moved and closed by reload', async () => {
  const { server, model } = await serverForTest();
  const check = async (port: number) =>
    (await clientFor(`127.0.0.1:${port}`).call('grpc.health.v1.Health/Check', {})).status;
  await server.reload({ model, healthPort: 0 });
  const port = server.healthPort ?? 0;
  expect(await check(port)).toBe('OK');
  await expect(server.reload({ model, healthPort: server.port })).rejects.toThrow(
    /is in use by another process/,
  );
  expect(await check(port)).toBe('OK');
  await server.reload({ model });
  expect(server.healthPort).toBeUndefined();
  expect(await check(port)).toBe('UNAVAILABLE');
});

it('the health port can be opened to other machines without moving it', async () => {
  const healthPort = await freePort();
  const { server, model } = await serverForTest({ healthPort });
  await server.reload({ model, healthPort, healthHost: '0.0.0.0' });
  expect(server.healthPort).toBe(healthPort);
  const health = clientFor(`127.0.0.1:${healthPort}`);
  expect(await health.call('grpc.health.v1.Health/Check', {})).toMatchObject({ status: 'OK' });
});
