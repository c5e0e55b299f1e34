import { PredictionClient } from '../../lib/client';
import type { ServiceSettings } from '../../lib/playground/service-connection';
import { tensorToProto } from '../../lib/wire/tensor-proto';
import { startGrpcPeer } from '../client/peers';
import { keys, serverForTest, startServer } from '../server/support/test-server';
import { issueCertificate, type IssuedCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { freePort } from '../support/free-port';
import { tinyModel } from '../support/tiny-model';
import { messageOf, resultOf, startPlayground } from './playground';

const LABELS = ['cat', 'dog', 'bird'];
let certificate: IssuedCertificate;

beforeAll(async () => {
  certificate = await issueCertificate({ names: ['127.0.0.1'], commonName: 'scoring.example.com' });
});

function settingsFor(
  address: string,
  options: Partial<ServiceSettings['clientOptions']> = {},
): ServiceSettings {
  return {
    clientOptions: {
      address,
      key: keys.primaryKey,
      rootCertificates: certificate.certificate,
      connectTimeoutMs: 2_000,
      ...options,
    },
    labels: LABELS,
  };
}

describe('the playground', () => {
  it('scores an array, and shows what serves it', async () => {
    const server = await serverForTest({ tls: certificate, keys, modelVersion: '7', revision: 'abc' });
    const playground = await startPlayground(settingsFor(server.address));

    await expect(playground.status()).resolves.toEqual({
      service: {
        address: server.address,
        tls: true,
        state: 'serving',
        model: {
          name: 'tiny',
          version: '7',
          revision: 'abc',
          input: { kind: 'array', name: 'x', shape: [-1, 3] },
        },
        certificate: {
          subject: 'CN=scoring.example.com',
          issuer: 'CN=scoring.example.com',
          names: ['127.0.0.1'],
          validTo: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
          daysLeft: 89,
        },
      },
      metrics: { state: 'off' },
    });
    const { classes, latencyMs, warning } = resultOf(await playground.array('[0.25, 0.625, 0.125]'));
    expect(classes).toEqual([
      { classIndex: 1, label: 'dog', probability: 0.625 },
      { classIndex: 0, label: 'cat', probability: 0.25 },
      { classIndex: 2, label: 'bird', probability: 0.125 },
    ]);
    expect(latencyMs).toBeGreaterThan(0);
    expect(warning).toBeUndefined();
    expect(messageOf(await playground.array('[1, 2]'))).toBe(
      'got an array of shape [2], expected one input of shape [1, 3]; pass the numbers of one input, nested or as a flat list',
    );
  });

  it('shows the name of a deployed version instead of its number, while it is served', async () => {
    const server = await serverForTest({ tls: certificate, keys, modelVersion: '08de3bf406d0' });
    for (const [modelVersion, shown] of [
      ['08de3bf406d0', '08de3bf406d0'],
      ['0123456789ab', '73318546559050'],
    ] as const) {
      const playground = await startPlayground({ ...settingsFor(server.address), modelVersion });
      expect((await playground.status()).service.model?.version).toBe(shown);
    }
  });

  it('tries a service over REST', async () => {
    const server = await serverForTest({ tls: certificate, keys });
    const playground = await startPlayground(settingsFor(`https://${server.address}`));

    await expect(playground.status()).resolves.toMatchObject({
      service: { state: 'serving', model: { name: 'tiny' }, certificate: { daysLeft: 89 } },
    });
    expect(resultOf(await playground.array('[0, 0, 1]')).classes?.[0].label).toBe('bird');
  });

  it('shows numbers that are no classes as numbers', async () => {
    const output = tensorToProto({ shape: [1, 2], data: Float32Array.of(1, 2) });
    const peer = await startGrpcPeer({
      predict: (_, answer) => {
        answer(null, { outputs: { output_alias: output, boxes: output } });
      },
    });
    afterwards(() => peer.close());
    const playground = await startPlayground({
      clientOptions: { address: peer.address, plaintext: true },
    });

    const { outputs, warning } = resultOf(await playground.image(Buffer.from('an image')));
    expect(outputs).toContainEqual({ name: 'boxes', shape: [1, 2], values: [1, 2] });
    expect(warning).toMatch(/^the answer has values from 1 to 2, expected probabilities/);
  });

  it('never sends the key to the browser, whatever happens', async () => {
    const wrongKey = 'a-key-of-another-service';
    const server = await startServer({ tls: certificate, keys, zip: tinyModel({ labels: LABELS }) });
    const [right, wrong] = await Promise.all([
      startPlayground(settingsFor(server.address)),
      startPlayground(settingsFor(server.address, { key: wrongKey })),
    ]);
    const page = (await right.request('')).body;
    const files = [...page.matchAll(/(?:src|href)="([\w.]+)"/g)].map(([, file]) => file);
    const modules = [...(await right.request('main.mjs')).body.matchAll(/'\.\/([\w.-]+)'/g)].map(
      ([, file]) => file,
    );
    for (const file of [...files, ...modules]) {
      expect([file, (await right.request(file)).status]).toEqual([file, 200]);
    }
    expect(files.length + modules.length).toBeGreaterThan(8);
    for (const playground of [right, wrong]) {
      await playground.status();
      await playground.array('[1, 2, 3]');
      await playground.image(Buffer.from('no image'));
      await playground.request('missing');
    }
    await server.stop();
    for (const playground of [right, wrong]) {
      await playground.status();
      await playground.array('[1, 2, 3]');
    }
    expect(wrong.sent()).toContain('refused the key');
    for (const secret of [keys.primaryKey, keys.secondaryKey, wrongKey, certificate.privateKey]) {
      expect(right.sent() + wrong.sent()).not.toContain(secret);
    }
  });

  it('reports a refused key, an untrusted and an expired certificate like the client does', async () => {
    const expired = await issueCertificate({
      names: ['127.0.0.1'],
      notAfter: new Date(Date.now() - 86_400_000),
      notBefore: new Date(0),
    });
    const [server, late] = await Promise.all([
      serverForTest({ tls: certificate, keys }),
      startGrpcPeer({}, { certificate: expired }),
    ]);
    afterwards(() => late.close());
    for (const settings of [
      settingsFor(server.address, { key: 'a-wrong-key' }),
      settingsFor(server.address, { key: undefined }),
      settingsFor(server.address, { rootCertificates: undefined }),
      settingsFor(late.address, { rootCertificates: expired.certificate }),
    ]) {
      const client = new PredictionClient(settings.clientOptions);
      afterwards(() => {
        client.close();
      });
      const expected: Error = await client.modelStatus().then(
        () => new Error('no failure'),
        (error: unknown) => error as Error,
      );
      const { service } = await (await startPlayground(settings)).status();
      expect(service.problem?.message).toBe(expected.message);
    }
    const { service } = await (await startPlayground(settingsFor(late.address))).status();
    expect(service).toMatchObject({ state: 'unreachable', certificate: { daysLeft: -2 } });
  });

  it('says that the service is gone, and finds it again with other keys, as after a new deployment', async () => {
    const port = await freePort();
    let key = keys.primaryKey;
    const first = await startServer({ port, tls: certificate, keys });
    const playground = await startPlayground(() =>
      Promise.resolve(settingsFor(`127.0.0.1:${port}`, { key })),
    );
    await expect(playground.status()).resolves.toMatchObject({ service: { state: 'serving' } });

    await first.stop();
    await expect(playground.status()).resolves.toMatchObject({
      service: {
        state: 'unreachable',
        problem: {
          code: 'CONNECTION_FAILED',
          message: `connection refused: nothing is listening on 127.0.0.1:${port}; start the service, or check the port`,
        },
        model: { name: 'tiny' },
      },
    });

    await serverForTest({
      port,
      tls: certificate,
      keys: { primaryKey: 'another-primary-key', secondaryKey: 'other' },
    });
    key = 'another-primary-key';
    const { service } = await playground.status();
    expect(service.problem).toBeUndefined();
    expect(service.state).toBe('serving');
    expect(resultOf(await playground.array('[1, 0, 0]')).classes?.[0]?.label).toBe('cat');
  });
});

describe('the playground refuses', () => {
  const start = () => startPlayground({ clientOptions: { address: '127.0.0.1:1', plaintext: true } });

  it.each<[string, Record<string, string>, number]>([
    ['a host name that was made to resolve to 127.0.0.1', { host: 'attacker.example' }, 421],
    ['another port in the Host header', { host: '127.0.0.1:1' }, 421],
    ['a request that another site sends', { origin: 'https://attacker.example' }, 403],
    ['a request from a sandboxed frame', { origin: 'null' }, 403],
    [
      'a picture or a script that another site embeds',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      403,
    ],
    [
      'a request of another port on this machine',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
      403,
    ],
  ])('%s', async (_, headers, expected) => {
    const playground = await start();
    for (const [path, method] of [
      ['', 'GET'],
      ['api/status', 'GET'],
      ['api/image', 'POST'],
    ]) {
      const { status, body } = await playground.request(path, { method, headers });
      expect(status).toBe(expected);
      expect(body).not.toMatch(/<html|\{/);
    }
  });

  it('a request without the token of this start', async () => {
    const [playground, other] = await Promise.all([start(), start()]);
    const foreign = new URL(other.url).pathname;
    for (const path of ['/', '/api/status', `${foreign}api/status`, '/../etc/passwd']) {
      await expect(playground.request(path)).resolves.toEqual({
        status: 403,
        body: 'open the address that the playground printed; it changes with every start\n',
      });
    }
  });

  it('paths that are none of its files, and other methods', async () => {
    const playground = await start();
    for (const [path, method] of [
      ['../playground-server.js', 'GET'],
      ['tsconfig.json', 'GET'],
      ['api/image', 'GET'],
      ['', 'DELETE'],
    ]) {
      await expect(playground.request(path, { method })).resolves.toMatchObject({ status: 404 });
    }
  });

  it('a file that is larger than a call may be', async () => {
    const playground = await start();
    expect(messageOf(await playground.image(new Uint8Array(33 * 1024 * 1024)))).toBe(
      'got a file of 34,603,008 bytes, expected at most 33,554,432; choose a smaller image',
    );
  });

  it('but follows a link in a terminal that runs in a browser, and cannot be framed', async () => {
    const playground = await start();
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    await expect(playground.request('', { headers })).resolves.toMatchObject({ status: 200 });
    expect(playground.sent()).toContain("default-src 'none'");
    expect(playground.sent()).toContain("frame-ancestors 'none'");
  });
});
