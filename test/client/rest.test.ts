import { createServer } from 'node:https';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import {
  CertificateError,
  ConnectionFailedError,
  InvalidInputError,
  ModelNotFoundError,
  OverloadedError,
  PredictionClient,
  UnauthenticatedError,
  UnavailableError,
  type PredictionClientOptions,
} from '../../lib/client';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { runCommand } from '../support/cli';
import { askedFor, startConnectProxy, type ConnectProxy } from '../support/connect-proxy';
import { HOSTNAME } from '../server/support/grpc-client';
import { serverForTest } from '../server/support/test-server';
import { runSmokeTest } from '../../lib/smoke-test';
import { temporaryFolder } from '../support/temporary-folder';
import { imageFile, labelsFile, readImage, startSampleService, type SampleService } from './sample-service';

let service: SampleService;

beforeAll(async () => {
  service = await startSampleService({ revision: 'r1' });
}, 120_000);

afterAll(() => service.close());

function clientWith(options: Partial<PredictionClientOptions> = {}): PredictionClient {
  const client = new PredictionClient({
    address: `https://${service.address}`,
    rootCertificates: service.certificate.certificate,
    key: service.keys.primaryKey,
    retry: { maxAttempts: 1 },
    ...options,
  });
  afterwards(() => {
    client.close();
  });
  return client;
}

async function rootCertificateFile(): Promise<string> {
  const folder = await temporaryFolder();
  afterwards(folder.remove);
  const file = path.join(folder.path, 'roots.pem');
  await writeFile(file, service.certificate.certificate);
  return file;
}

describe('a client with an https:// address', () => {
  it('scores images like one over gRPC, to the bit', async () => {
    const image = await readImage('chelsea.png');
    const [rest, grpc] = await Promise.all([
      clientWith().predictImages([image, image]),
      clientWith({ address: service.address }).predictImages([image, image]),
    ]);
    expect(rest).toEqual(grpc);
    const named = await clientWith({ modelName: 'efficientnet-lite0' }).predictImage(image);
    expect(named.indexOf(Math.max(...named))).toBe(282);
  });

  it.each(['https://', ''])(
    'finds a service by a name below localhost, which not every resolver knows: %sscoring.localhost',
    async (scheme) => {
      const port = service.address.split(':')[1];
      expect(await clientWith({ address: `${scheme}${HOSTNAME}:${port}` }).health()).toBe('SERVING');
    },
  );

  it('reads the state, the metadata and the revision', async () => {
    const client = clientWith();
    await client.waitUntilReady();
    expect(await client.health()).toBe('SERVING');
    expect(await client.modelStatus()).toEqual([{ version: 1, state: 'AVAILABLE', message: '' }]);
    expect(await client.servedRevision()).toMatchObject({ revision: 'r1' });
    const named = clientWith({ modelName: 'efficientnet-lite0' });
    expect(await named.modelMetadata()).toEqual(
      await clientWith({ address: service.address }).modelMetadata(),
    );
  });

  it('scores arrays', async () => {
    const certificate = await issueCertificate({ names: ['127.0.0.1'] });
    const { port } = await serverForTest({ tls: certificate });
    const client = clientWith({
      address: `https://127.0.0.1:${port}`,
      rootCertificates: certificate.certificate,
      modelName: 'tiny',
    });
    const tensor = { shape: [2, 3], data: Float32Array.of(0.1, 2, 3, 4, 5, 1e-20) };
    expect(await client.predict(tensor)).toEqual(tensor);
    expect([...(await client.predictOutputs(tensor))]).toEqual([['output_alias', tensor]]);
  });

  it.each<[string, Partial<PredictionClientOptions>, new (...args: never[]) => Error, string | RegExp]>([
    ['a wrong key', { key: 'wrong' }, UnauthenticatedError, /refused the key: the key is invalid/],
    [
      'no key',
      { key: undefined },
      UnauthenticatedError,
      /refused the call, which carried no key: the call has no key/,
    ],
    ['another model', { modelName: 'dogs' }, ModelNotFoundError, /has no model "dogs": unknown model "dogs"/],
    ['unknown roots', { rootCertificates: undefined }, CertificateError, /certificate/],
    [
      'a name that the certificate lacks',
      { serverName: 'other.example' },
      CertificateError,
      /other\.example/,
    ],
    [
      'a port on which nothing listens',
      { address: 'https://127.0.0.1:1' },
      ConnectionFailedError,
      /127\.0\.0\.1:1/,
    ],
    ['what is no image', {}, InvalidInputError, /refused the input: images\[0\] /],
  ])('throws the error of gRPC for %s', async (_, options, type, message) => {
    const error = await clientWith(options)
      .predictImage(Buffer.from('image'))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toMatch(message);
  });

  it('tells the answers of a gateway from those of the service, and calls below a prefix', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: ['127.0.0.1'] });
    const paths: string[] = [];
    const gateway = createServer({ cert: certificate, key: privateKey }, (request, response) => {
      paths.push(request.url ?? '');
      const status = Number(/\/(\d{3})\//.exec(request.url ?? '')?.[1]);
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>');
    });
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    afterwards(() => gateway.close());
    const { port } = gateway.address() as AddressInfo;
    for (const [status, type] of [
      [502, UnavailableError],
      [429, OverloadedError],
    ] as const) {
      const address = `https://127.0.0.1:${port}/team/${status}/`;
      const client = clientWith({ address, rootCertificates: certificate, modelName: 'cats' });
      const error = await client.predictImage(Buffer.from('image')).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(type);
      expect((error as Error).message).toMatch(`127.0.0.1:${port} responded with HTTP status ${status}: `);
    }
    expect(paths).toEqual(['/team/502/v1/models/cats:predict', '/team/429/v1/models/cats:predict']);
  });

  it('calls one deployment of an Azure ML endpoint, for which the endpoint needs a header', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: ['127.0.0.1'] });
    const deployments: unknown[] = [];
    const endpoint = createServer({ cert: certificate, key: privateKey }, ({ headers }, response) => {
      deployments.push(headers['azureml-model-deployment']);
      response.writeHead(503).end();
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    afterwards(() => endpoint.close());
    const address = `https://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
    for (const deployment of ['green', undefined]) {
      const client = clientWith({ address, rootCertificates: certificate, modelName: 'cats', deployment });
      await expect(client.predictImage(Buffer.from('image'))).rejects.toThrow('503');
    }
    expect(deployments).toEqual(['green', undefined]);
  });

  it('passes the smoke test, which says that it called over REST', async () => {
    const [host, port] = service.address.split(':');
    const report = await runSmokeTest({
      target: {
        protocol: 'rest',
        host,
        port: Number(port),
        key: service.keys.primaryKey,
        rootCertificateFile: await rootCertificateFile(),
        modelVersion: '1',
      },
      samples: [{ path: imageFile('chelsea.png'), expect: { classIndex: 282 } }],
      warmCalls: { count: 1 },
    });
    expect(report.failure).toBeUndefined();
    expect(report).toMatchObject({ passed: true, target: { protocol: 'rest' } });
    expect(report.checks.find(({ name }) => name === 'authentication')).toMatchObject({
      outcome: 'passed',
    });
  });

  it('cancels a call', async () => {
    const signal = AbortSignal.abort();
    await expect(clientWith().predictImage(await readImage('chelsea.png'), { signal })).rejects.toThrow(
      'canceled',
    );
  });
});

describe('a service that only a proxy reaches', () => {
  // It is called at this name, and has a certificate for another.
  const address = 'https://scoring.example';
  const serverName = 'scoring.localhost';

  afterEach(() => {
    delete process.env.https_proxy;
    delete process.env.no_proxy;
  });

  async function useProxy(to: number | { status: number } = service.server.port): Promise<ConnectProxy> {
    const proxy = await startConnectProxy(to);
    process.env.https_proxy = proxy.url;
    return proxy;
  }

  it('is called through it, with the reason if it refuses, and directly if it is exempt', async () => {
    const image = await readImage('chelsea.png');
    const { asked } = await useProxy();
    const scores = await clientWith({ address, serverName }).predictImage(image);
    expect(scores.indexOf(Math.max(...scores))).toBe(282);
    expect(asked).toEqual([askedFor('scoring.example:443')]);

    const { peer } = await useProxy({ status: 403 });
    await expect(clientWith({ address, serverName }).predictImage(image)).rejects.toMatchObject({
      reason: 'proxy',
      message:
        `the proxy ${peer.address} (https_proxy) does not connect to scoring.example:443: it responded with HTTP ` +
        'status 403; allow the service in the proxy, or add it to no_proxy to bypass the proxy',
    });

    const unused = await useProxy();
    process.env.no_proxy = 'scoring.example';
    const direct = clientWith({ address, serverName, connectTimeoutMs: 500 });
    await expect(direct.predictImage(image)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    expect(unused.asked).toEqual([]);
  });

  it('passes the smoke test, which leaves the name to the proxy', async () => {
    const { peer } = await useProxy();
    const report = await runSmokeTest({
      target: {
        protocol: 'rest',
        host: 'scoring.example',
        port: 443,
        serverName,
        key: service.keys.primaryKey,
        rootCertificateFile: await rootCertificateFile(),
        modelVersion: '1',
      },
      samples: [{ path: imageFile('chelsea.png'), expect: { classIndex: 282 } }],
      warmCalls: { count: 1 },
    });
    expect(report.failure).toBeUndefined();
    const through = `the proxy ${peer.address} (https_proxy)`;
    const details = report.checks.map(({ name, detail }) => [name, detail]);
    expect(details).toContainEqual(['dns', `${through} looks up scoring.example`]);
    expect(details).toContainEqual(['tcp', `scoring.example:443 accepts connections through ${through}`]);
  });

  it('is called by the command score', async () => {
    const { url, asked } = await startConnectProxy(service.server.port);
    const roots = await rootCertificateFile();
    const { exitCode, stdout, stderr } = await runCommand(
      [
        ...['score', imageFile('chelsea.png'), '--address', address, '--server-name', serverName],
        ...['--root-certificate-file', roots, '--key-file', '-', '--labels-file', labelsFile],
      ],
      path.dirname(roots),
      { env: { https_proxy: '', HTTPS_PROXY: url }, input: service.keys.primaryKey },
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('tiger cat');
    expect(new Set(asked)).toEqual(new Set([askedFor('scoring.example:443')]));
  });
});

it.each([
  [
    'https://user:secret@scoring.example',
    'got the address "https://…@scoring.example", expected https://host[:port][/prefix]',
  ],
  [
    'https://scoring.example?a=b',
    'got the address "https://scoring.example?a=b", expected https://host[:port][/prefix]',
  ],
  ['http://scoring.example', 'got the address "http://scoring.example", expected host:port'],
])('the address %s is refused', (address, message) => {
  expect(() => new PredictionClient({ address })).toThrow(message);
});

it.each([
  [
    'scoring.example',
    'green',
    'got the deployment "green" together with the address "scoring.example"; omit deployment, or pass the URL of the Azure ML endpoint',
  ],
  [
    'https://scoring.example',
    'x\r\ny: z',
    'expected 3 to 32 letters, digits and "-", starting with a letter, not ending with "-"',
  ],
])('at %s, the deployment %j is refused', (address, deployment, message) => {
  expect(() => new PredictionClient({ address, deployment })).toThrow(message);
});

it('an https:// address cannot be plaintext', () => {
  expect(() => new PredictionClient({ address: 'https://scoring.example', plaintext: true })).toThrow(
    'got the address "https://scoring.example" together with plaintext; omit plaintext',
  );
});
