import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { PredictionClient } from '../../lib/client';
import { runSmokeTest } from '../../lib/smoke-test';
import { imageFile, startSampleService } from '../client/sample-service';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { freePort } from '../support/free-port';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { GrpcClient, HOSTNAME, rowRequest } from './support/grpc-client';
import { http } from './support/http-client';
import { keys, serverForTest, startServer, type TestServer } from './support/test-server';

const TIGER_CAT = 282;
const PREDICT = '/v1/models/tiny:predict';
const body = { instances: [[1, 2, 3]] };
const secret = { authorization: `Bearer ${keys.primaryKey}` };
const proxied = { tlsTerminatedByProxy: true, keys };

/** Calls as the proxy does: without TLS. */
async function call(server: TestServer, key?: string, headers?: Record<string, string>) {
  const client = new GrpcClient(server.address, key === undefined ? {} : { key });
  afterwards(() => {
    client.close();
  });
  return client.call('tensorflow.serving.PredictionService/Predict', rowRequest(1, 2, 3), { headers });
}

describe('a server whose TLS a proxy terminates', () => {
  it('checks keys on plaintext connections, over gRPC and REST', async () => {
    const server = await serverForTest(proxied);
    expect(await call(server, keys.secondaryKey)).toMatchObject({ status: 'OK' });
    expect(await call(server)).toMatchObject({ status: 'UNAUTHENTICATED' });
    expect(await call(server, 'wrong')).toMatchObject({ status: 'UNAUTHENTICATED' });
    expect((await http(server.port, PREDICT, { body, headers: secret })).status).toBe(200);
    expect((await http(server.port, PREDICT, { body })).status).toBe(401);
  });

  it('does not warn that keys are not checked', async () => {
    const { log } = await serverForTest(proxied);
    expect(log.text).not.toContain('TLS is disabled');
    expect(log.entries).toContainEqual(
      expect.objectContaining({ message: 'listening', tls: false, tlsTerminatedByProxy: true }),
    );
  });

  it('refuses calls that reached the proxy without TLS, because their keys are no longer secret', async () => {
    const server = await serverForTest(proxied);
    expect(await call(server, keys.primaryKey, { 'x-forwarded-proto': 'http' })).toMatchObject({
      status: 'UNAUTHENTICATED',
      details:
        'the call reached the proxy without TLS (x-forwarded-proto: http), so its key is no longer secret; call the https:// ' +
        'address, and rotate the key',
    });
    expect(await call(server, keys.primaryKey, { 'x-forwarded-proto': 'https' })).toMatchObject({
      status: 'OK',
    });
  });

  it('throttles callers by the addresses that the proxy reports, and keeps the proxy’s connection', async () => {
    const server = await serverForTest({ ...proxied, failedAttempts: { burst: 2, perSecond: 1e-6 } });
    const guess = (from: string) => call(server, 'wrong', { 'x-forwarded-for': `1.1.1.1, ${from}` });
    for (let attempt = 0; attempt < 6; attempt += 1) {
      expect(await guess('198.51.100.7')).toMatchObject({ status: 'UNAUTHENTICATED' });
    }
    expect(await guess('198.51.100.8')).toMatchObject({ status: 'UNAUTHENTICATED' });
    expect(await call(server, keys.primaryKey, { 'x-forwarded-for': '198.51.100.7' })).toMatchObject({
      status: 'OK',
    });
    const peers = server.log.entries.filter(({ message }) => message === 'call').map(({ peer }) => peer);
    expect(new Set(peers)).toEqual(new Set(['198.51.100.7', '198.51.100.8']));
  });

  it('believes no proxy unless it is set: the header does not hide a caller', async () => {
    const server = await serverForTest();
    await call(server, undefined, { 'x-forwarded-for': '198.51.100.7' });
    expect(server.log.entries).toContainEqual(
      expect.objectContaining({ message: 'call', peer: '127.0.0.1' }),
    );
  });

  it('serves no metrics where callers call', async () => {
    const { port } = await serverForTest(proxied);
    expect((await http(port, '/metrics')).status).toBe(404);
  });

  it('starts checking keys with a reload, without another listener', async () => {
    const server = await serverForTest();
    const { port, model } = server;
    expect(await call(server)).toMatchObject({ status: 'OK' });
    await server.server.reload({ model, limits: { workers: 1 }, ...proxied });
    expect(server.server.port).toBe(port);
    expect(await call(server)).toMatchObject({ status: 'UNAUTHENTICATED' });
    expect(await call(server, keys.primaryKey)).toMatchObject({ status: 'OK' });
  });

  it('does not start on a public address', async () => {
    await expect(startServer({ ...proxied, host: '203.0.113.9' })).rejects.toThrow(
      'host is "203.0.113.9", a public address, but tlsTerminatedByProxy is set',
    );
  });

  it('does not terminate TLS itself, too', async () => {
    const tls = await issueCertificate({ names: [HOSTNAME] });
    await expect(startServer({ ...proxied, tls })).rejects.toThrow(
      'tls and tlsTerminatedByProxy are both set, but either the server or a proxy terminates TLS; remove one of them',
    );
  });
});

const nginx = (process.env.PATH ?? '')
  .split(path.delimiter)
  .concat('/usr/sbin')
  .map((folder) => path.join(folder, 'nginx'))
  .find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

// nginx terminates TLS like Envoy in Azure Container Apps: HTTP/2 with ALPN in front, HTTP/2 without TLS behind it.
(nginx === undefined ? describe.skip : describe)('behind nginx', () => {
  it('serves our client and grpc-js over gRPC and our client over REST, with keys', async () => {
    const server = await serverForTest(proxied);
    const front = await startNginx(server.port);
    const grpc = new GrpcClient(`127.0.0.1:${front.port}`, { root: front.root, key: keys.primaryKey });
    const stranger = new GrpcClient(`127.0.0.1:${front.port}`, { root: front.root, key: 'wrong' });
    afterwards(() => {
      grpc.close();
      stranger.close();
    });
    expect((await grpc.predict(rowRequest(1, 2, 3))).status).toBe('OK');
    expect((await stranger.predict(rowRequest(1, 2, 3))).status).toBe('UNAUTHENTICATED');
    for (const scheme of ['', 'https://']) {
      const client = new PredictionClient({
        address: `${scheme}127.0.0.1:${front.port}`,
        rootCertificates: front.root,
        serverName: HOSTNAME,
        key: keys.secondaryKey,
        modelName: 'tiny',
      });
      afterwards(() => {
        client.close();
      });
      expect(await client.predict({ shape: [1, 3], data: Float32Array.of(1, 2, 3) })).toMatchObject({
        data: Float32Array.of(1, 2, 3),
      });
    }
    const plain = await http(front.plainPort, PREDICT, { body, headers: secret });
    expect(plain).toMatchObject({ status: 401 });
    expect(plain.json).toMatchObject({ error: expect.stringContaining('without TLS') as string });
  });

  it('passes the smoke test over gRPC and REST, which finds the certificate of the proxy and the keys of the server', async () => {
    const service = await startSampleService({ tls: undefined, tlsTerminatedByProxy: true });
    afterwards(() => service.close());
    const front = await startNginx(service.server.port);
    for (const protocol of ['grpc', 'rest'] as const) {
      const report = await runSmokeTest({
        target: {
          protocol,
          host: HOSTNAME,
          connectTo: '127.0.0.1',
          port: front.port,
          key: service.keys.secondaryKey,
          rootCertificateFile: front.rootFile,
          modelName: 'efficientnet-lite0',
        },
        samples: [{ path: imageFile('chelsea.png'), expect: { classIndex: TIGER_CAT } }],
        readyTimeoutSeconds: 20,
        warmCalls: { count: 1 },
      });
      expect(report.failure).toBeUndefined();
      expect(report.checks.find(({ name }) => name === 'authentication')).toMatchObject({
        outcome: 'passed',
      });
    }
  });
});

async function startNginx(upstream: number) {
  const folder = await temporaryFolder();
  const { certificate, privateKey } = await issueCertificate({ names: [HOSTNAME] });
  await writeFile(path.join(folder.path, 'certificate.pem'), certificate);
  await writeFile(path.join(folder.path, 'private-key.pem'), privateKey, { mode: 0o600 });
  await mkdir(path.join(folder.path, 'tmp'));
  const [port, plainPort] = [await freePort(), await freePort()];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path tmp/${name};`)
    .join('\n');
  const forwarded = (directive: string) => `
    ${directive} X-Forwarded-For $proxy_add_x_forwarded_for;
    ${directive} X-Forwarded-Proto $scheme;`;
  await writeFile(
    path.join(folder.path, 'nginx.conf'),
    `daemon off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_max_body_size 32m;
  client_body_buffer_size 32m;
  ${temporary}
  server {
    listen 127.0.0.1:${port} ssl http2;
    listen 127.0.0.1:${plainPort};
    ssl_certificate certificate.pem;
    ssl_certificate_key private-key.pem;
    location / {
      proxy_pass http://127.0.0.1:${upstream};${forwarded('proxy_set_header')}
    }
    location ~ ^/(tensorflow\\.serving|grpc\\.health)\\. {
      grpc_pass grpc://127.0.0.1:${upstream};${forwarded('grpc_set_header')}
    }
  }
}
`,
  );
  const child = spawn(nginx ?? '', ['-p', folder.path, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      resolve();
    });
  });
  afterwards(async () => {
    child.kill('SIGTERM');
    await ended;
    await folder.remove();
  });
  await until(async () => {
    if (child.exitCode !== null) {
      throw new Error(`nginx ended: ${errors}`);
    }
    return (await http(plainPort, '/').catch(() => undefined)) !== undefined;
  });
  return { port, plainPort, root: certificate, rootFile: path.join(folder.path, 'certificate.pem') };
}
