import { PredictionClient, type PredictionError } from '../../lib/client';
import { proxyFor } from '../../lib/connection/proxy';
import { checkOf, testService } from '../smoke-test/checks/run';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { askedFor, startConnectProxy, type ConnectProxy } from '../support/connect-proxy';
import { closedPort, probabilities, startGrpcPeer, type Peer } from '../client/peers';

const at = (host: string) => ({ address: { host, port: 443 }, application: 'h2' }) as const;
const over = (host: string, tls?: Record<string, never>) =>
  ({ ...at(host), application: 'http/1.1', tls }) as const;

describe('the proxy of an address', () => {
  it('is the first one in the environment, in the order of gRPC', () => {
    const environment = {
      http_proxy: 'http://third.example',
      https_proxy: 'http://second.example:3128',
      grpc_proxy: 'http://user:p%40ss@first.example:8080',
    };
    expect(proxyFor(at('scoring.example'), environment)).toEqual({
      address: { host: 'first.example', port: 8080 },
      credentials: 'user:p@ss',
      variable: 'grpc_proxy',
      exemptions: 'no_grpc_proxy',
    });
    expect(
      proxyFor(at('scoring.example'), { ...environment, grpc_proxy: '', no_proxy: 'other.test' }),
    ).toEqual({
      address: { host: 'second.example', port: 3128 },
      variable: 'https_proxy',
      exemptions: 'no_proxy',
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
    ['for a port that is exempt', 'scoring.example', { no_proxy: 'other.test, scoring.example:443' }],
    ['if everything is exempt', 'scoring.example', { no_proxy: '*' }],
    [
      'if only uppercase variables are set',
      'scoring.example',
      { grpc_proxy: '', HTTPS_PROXY: 'http://a.test' },
    ],
    ['where it speaks TLS', 'scoring.example', { grpc_proxy: 'https://proxy.example' }],
    ['where it is no URL', 'scoring.example', { grpc_proxy: 'proxy' }],
  ])('is not used %s', (_, host, environment) => {
    expect(proxyFor(at(host), { grpc_proxy: 'http://proxy.example', ...environment })).toBeUndefined();
  });

  it('is used for an address outside of the exempt networks', () => {
    const environment = { grpc_proxy: 'http://proxy.example', no_proxy: '10.0.0.0/8,192.168.0.0/33' };
    expect(proxyFor(at('192.168.1.1'), environment)?.variable).toBe('grpc_proxy');
  });

  it.each(['other.example', 'xscoring.example', 'scoring.example:8443'])(
    'is used if only %s is exempt',
    (entry) => {
      const environment = { grpc_proxy: 'http://proxy.example', no_proxy: entry };
      expect(proxyFor(at('scoring.example'), environment)?.variable).toBe('grpc_proxy');
    },
  );

  it('is for HTTPS the one of curl', () => {
    const environment = {
      grpc_proxy: 'http://first.example',
      http_proxy: 'http://third.example',
      HTTPS_PROXY: 'http://proxy.example:3128',
    };
    expect(proxyFor(over('scoring.example', {}), environment)).toEqual({
      address: { host: 'proxy.example', port: 3128 },
      variable: 'HTTPS_PROXY',
      exemptions: 'no_proxy',
    });
    const lowercase = { ...environment, https_proxy: 'http://other.example' };
    expect(proxyFor(over('scoring.example', {}), lowercase)?.variable).toBe('https_proxy');
    const exempt = { ...environment, NO_PROXY: '.example', no_grpc_proxy: 'elsewhere.test' };
    expect(proxyFor(over('scoring.example', {}), exempt)).toBeUndefined();
    expect(proxyFor(over('scoring.example'), environment)).toBeUndefined();
  });
});

describe('through a proxy', () => {
  afterEach(() => {
    delete process.env.grpc_proxy;
  });

  async function useProxy(to: number | { status: number }): Promise<ConnectProxy> {
    const proxy = await startConnectProxy(to);
    process.env.grpc_proxy = proxy.url;
    return proxy;
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
    expect(asked[0]).toBe(askedFor('scoring.example:8080'));
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
