import http from 'node:http';
import net from 'node:net';

import { PredictionClient, type PredictionError } from '../../lib/client';
import { proxyFor } from '../../lib/connection/proxy';
import { checkOf, testService } from '../smoke-test/checks/run';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { closedPort, probabilities, startGrpcPeer, startPeer, type Peer } from '../client/peers';

const at = (host: string) => ({ host, port: 443 });

describe('the proxy of an address', () => {
  it('is the first one in the environment, in the order of grpc-js', () => {
    const environment = {
      http_proxy: 'http://third.example',
      https_proxy: 'http://second.example:3128',
      grpc_proxy: 'http://user:p%40ss@first.example:8080',
    };
    expect(proxyFor(at('scoring.example'), environment)).toEqual({
      address: { host: 'first.example', port: 8080 },
      credentials: 'user:p@ss',
      variable: 'grpc_proxy',
    });
    expect(proxyFor(at('scoring.example'), { ...environment, grpc_proxy: '' })).toEqual({
      address: { host: 'second.example', port: 3128 },
      variable: 'https_proxy',
    });
    expect(proxyFor(at('scoring.example'), { http_proxy: environment.http_proxy })?.address).toEqual({
      host: 'third.example',
      port: 80,
    });
  });

  it.each<[string, string, Record<string, string>]>([
    ['for this machine', '127.0.0.1', {}],
    ['for a name that is exempt', 'scoring.example', { no_proxy: 'other.test,scoring.example' }],
    ['for a domain that is exempt', 'blue.scoring.example', { no_grpc_proxy: '.scoring.example' }],
    ['for a network that is exempt', '10.1.2.3', { no_proxy: '10.0.0.0/8' }],
    ['where it speaks TLS', 'scoring.example', { grpc_proxy: 'https://proxy.example' }],
    ['where it is no URL', 'scoring.example', { grpc_proxy: 'proxy' }],
  ])('is not used %s', (_, host, environment) => {
    expect(proxyFor(at(host), { grpc_proxy: 'http://proxy.example', ...environment })).toBeUndefined();
  });

  it('is used for an address outside of the exempt networks', () => {
    const environment = { grpc_proxy: 'http://proxy.example', no_proxy: '10.0.0.0/8,192.168.0.0/33' };
    expect(proxyFor(at('192.168.1.1'), environment)?.variable).toBe('grpc_proxy');
  });
});

describe('through a proxy', () => {
  afterEach(() => {
    delete process.env.grpc_proxy;
  });

  /** A proxy that leads every name to one port of this machine, or answers with a status. */
  async function useProxy(to: number | { status: number }): Promise<{ peer: Peer; asked: string[] }> {
    const asked: string[] = [];
    const server = http.createServer();
    server.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      asked.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`.trim());
      if (typeof to !== 'number') {
        socket.end(`HTTP/1.1 ${to.status} No\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      const onward = net.connect(to, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
      onward.on('error', () => socket.destroy());
      socket.on('close', () => onward.destroy());
    });
    const peer = await startPeer(server);
    afterwards(() => peer.close());
    process.env.grpc_proxy = `http://user:the-password@${peer.address}`;
    return { peer, asked };
  }

  async function service(options: Parameters<typeof startGrpcPeer>[1] = {}): Promise<Peer> {
    const peer = await startGrpcPeer({ predict: probabilities(0.5) }, options);
    afterwards(() => peer.close());
    return peer;
  }

  async function call(options: { plaintext?: boolean } = {}): Promise<Float32Array | PredictionError> {
    const client = new PredictionClient({
      address: 'scoring.example:8080',
      retry: { maxAttempts: 1 },
      ...options,
    });
    afterwards(() => {
      client.close();
    });
    return client.predictImage(Buffer.from('image')).catch((error: unknown) => error as PredictionError);
  }

  it('a call reaches a service whose name only the proxy can resolve', async () => {
    const { asked } = await useProxy((await service()).port);
    expect(await call({ plaintext: true })).toEqual(new Float32Array([0.5]));
    expect(asked[0]).toBe(
      `scoring.example:8080 Basic ${Buffer.from('user:the-password').toString('base64')}`,
    );
  });

  it('a call that the proxy rejects reports that, not that the name has no address', async () => {
    const { peer } = await useProxy({ status: 403 });
    const error = await call({ plaintext: true });
    expect(error).toMatchObject({
      code: 'CONNECTION_FAILED',
      reason: 'proxy',
      message:
        `the proxy ${peer.address} (grpc_proxy) does not connect to scoring.example:8080: it responded with HTTP ` +
        'status 403; allow the service in the proxy, or add it to no_grpc_proxy to bypass the proxy',
    });
    expect(JSON.stringify(error)).not.toContain('the-password');
  });

  it('a call reports that the proxy cannot be reached', async () => {
    const port = await closedPort();
    process.env.grpc_proxy = `http://127.0.0.1:${port}`;
    expect(await call({ plaintext: true })).toMatchObject({
      reason: 'proxy',
      finding: `the proxy 127.0.0.1:${port} (grpc_proxy) does not connect to scoring.example:8080: ECONNREFUSED`,
    });
  });

  it('a certificate that is not trusted is found', async () => {
    const certificate = await issueCertificate({ names: ['scoring.example'] });
    await useProxy((await service({ certificate })).port);
    expect(await call()).toMatchObject({ code: 'CERTIFICATE', reason: 'self-signed' });
  });

  it('a smoke test leaves the name to the proxy and connects through it', async () => {
    const { peer } = await useProxy((await service()).port);
    const report = await testService({ host: 'scoring.example', port: 8080, plaintext: true });
    expect(checkOf(report, 'dns')).toMatchObject({
      outcome: 'skipped',
      detail: `the proxy ${peer.address} (grpc_proxy) looks up scoring.example`,
    });
    expect(checkOf(report, 'tcp')).toMatchObject({
      outcome: 'passed',
      detail: `scoring.example:8080 accepts connections through the proxy ${peer.address} (grpc_proxy)`,
    });
  });

  it('a smoke test that the proxy rejects ends with exit code 3', async () => {
    await useProxy({ status: 407 });
    const report = await testService({ host: 'scoring.example', port: 8080, plaintext: true });
    expect(report.exitCode).toBe(3);
    expect(checkOf(report, 'tcp')).toMatchObject({ code: 'CONNECTION_FAILED', reason: 'proxy' });
  });
});
