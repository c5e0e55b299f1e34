import type { RequestListener } from 'node:http';
import https from 'node:https';

import type { SmokeTestOptions, SmokeTestReport } from '../../../lib/smoke-test';
import { startPeer } from '../../client/peers';
import { issueCertificate } from '../../support/certificates';
import { afterwards } from '../../support/cleanup';
import { fileWith, testService } from '../checks/run';

/** Tests an endpoint over HTTPS. */
async function testEndpoint(
  listener: RequestListener,
  key?: string,
  options?: Partial<SmokeTestOptions>,
  deployment?: string,
): Promise<SmokeTestReport> {
  const { certificate, privateKey } = await issueCertificate({ names: ['127.0.0.1'] });
  const peer = await startPeer(https.createServer({ cert: certificate, key: privateKey }, listener));
  afterwards(() => peer.close());
  return testService(
    {
      protocol: 'http',
      host: '127.0.0.1',
      port: peer.port,
      rootCertificateFile: await fileWith('root.pem', certificate),
      ...(key !== undefined && { key }),
      deployment,
    },
    // A test of an endpoint that responds ends with its response, however long that takes on a busy machine.
    { readyTimeoutSeconds: 30, ...options },
  );
}

/** Tests an endpoint whose gateway answers with a status, by the key of the call, and a page where it is none of 2xx. */
function testGateway(
  status: (authorization: string | undefined) => number,
  key?: string,
  options?: Partial<SmokeTestOptions>,
): Promise<SmokeTestReport> {
  return testEndpoint(
    (request, response) => {
      const said = status(request.headers.authorization);
      response
        .writeHead(
          said,
          said === 302 ? { location: 'https://login.example/authorize?state=secret-state' } : {},
        )
        .end(said === 200 ? '{}' : '<html>no</html>');
    },
    key,
    options,
  );
}

/** Returns a time limit that a waiting test reaches only after the endpoint has responded, however busy the machine is. */
async function enoughSeconds(): Promise<number> {
  const startedAt = performance.now();
  await testGateway(() => 500);
  return Math.max(1, (5 * (performance.now() - startedAt)) / 1000);
}

describe('an endpoint behind a gateway', () => {
  it.each([
    [404, 6, 'health', "check the path and the endpoint's name, or wait until its route exists"],
    [429, 6, 'health', 'lower the number of concurrent calls, or add replicas to its deployment'],
    [502, 6, 'health', 'wait until its deployment has started, and check its log if that takes too long'],
    [503, 6, 'health', 'wait until its deployment has started, and check its log if that takes too long'],
    [401, 5, 'authentication', "pass the endpoint's primary or secondary key"],
    [403, 5, 'authentication', "pass the endpoint's primary or secondary key"],
    [
      500,
      1,
      'authentication',
      "check that the request is what the entry script expects, and check the endpoint's log",
    ],
  ])(
    'that answers with HTTP status %d ends the test with exit code %d',
    async (status, exitCode, check, remedy) => {
      const report = await testGateway(() => status, undefined, {
        readyTimeoutSeconds: await enoughSeconds(),
      });
      expect(report.exitCode).toBe(exitCode);
      const failed = report.checks.find(({ outcome }) => outcome === 'failed');
      expect(failed).toMatchObject({ name: check, remedy });
      expect(failed?.detail).toContain(`status ${status}: <html>no</html>`);
    },
  );

  it('calls one deployment of the endpoint if it must, which may get no requests yet', async () => {
    const called = new Set<unknown>();
    const listener: RequestListener = ({ method, headers }, response) => {
      // Other requests find out what responds at the address.
      if (method === 'POST') {
        called.add(headers['azureml-model-deployment']);
      }
      response.end('{}');
    };
    await testEndpoint(listener, undefined, {}, 'green');
    expect([...called]).toEqual(['green']);
    await testEndpoint(listener);
    expect([...called]).toEqual(['green', undefined]);
  });

  it('says of a wrong key that it is the key, and never shows it', async () => {
    const report = await testGateway(() => 401, 'a-wrong-key');
    expect(report.checks.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      name: 'authentication',
      code: 'UNAUTHENTICATED',
      detail: 'the endpoint rejected the key: status 401: <html>no</html>',
      remedy: "check that it is this endpoint's primary or secondary key and that it has not been replaced",
    });
    expect(JSON.stringify(report)).not.toContain('a-wrong-key');
  });

  it('is not said to be open because the gateway limits calls', async () => {
    const report = await testGateway((key) => (key === 'Bearer the-key' ? 200 : 429), 'the-key');
    expect(report.failure).toMatchObject({ check: 'authentication', code: 'OVERLOADED' });
  });

  const checkAddress = 'check the address: a login page or a gateway responded instead of the endpoint';

  it('that leads to a login page is told from an endpoint, without what the redirect carries', async () => {
    const report = await testGateway(() => 302, 'the-key');
    expect(report).toMatchObject({
      exitCode: 1,
      failure: {
        check: 'health',
        code: 'UNEXPECTED_RESPONSE',
        message: `got a redirect (status 302) to https://login.example/authorize, expected a response of the endpoint; ${checkAddress}`,
      },
    });
    expect(JSON.stringify(report)).not.toContain('secret-state');
  });

  it('that returns a web page to every call is not reported as an endpoint that checks no keys', async () => {
    const report = await testEndpoint((_, response) => {
      response.end('\n<!DOCTYPE html><html>log in</html>');
    }, 'the-key');
    expect(report.failure).toMatchObject({
      check: 'health',
      code: 'UNEXPECTED_RESPONSE',
      message: `got a web page, expected a response of the endpoint: status 200: <!DOCTYPE html><html>log in</html>; ${checkAddress}`,
    });
  });

  it('that fails with the right key is not said to check no keys', async () => {
    const report = await testGateway(() => 500, 'the-key');
    expect(report).toMatchObject({ exitCode: 1, failure: { code: 'EXPECTATION_FAILED' } });
    expect(report.failure?.message).toMatch(/^the request was not scored: status 500: /);
  });

  it.each([
    [
      302,
      'got a redirect (status 302) to https://login.example/authorize, expected a response of the endpoint',
    ],
    [500, 'the request was not scored: status 500: <html>no</html>'],
  ])(
    'that answers calls without a key with status %d is said neither to check keys nor not to',
    async (status, why) => {
      const report = await testGateway((key) => (key === 'Bearer the-key' ? 200 : status), 'the-key');
      expect(report).toMatchObject({
        exitCode: 1,
        failure: {
          check: 'authentication',
          code: 'EXPECTATION_FAILED',
          message: `a call without a key failed, expected a rejection because of the key: ${why}; check whether the service or a gateway in front of it responds to such calls`,
        },
      });
    },
  );
});

describe('an endpoint', () => {
  it('that answers whatever the key is said to check no keys', async () => {
    const report = await testGateway(() => 200, 'the-key');
    expect(report).toMatchObject({ exitCode: 5, failure: { code: 'AUTHENTICATION_OPEN' } });
  });

  it('that accepts the call and never responds fails the test at its time limit', async () => {
    const report = await testEndpoint(() => undefined, undefined, { readyTimeoutSeconds: 1 });
    expect(report).toMatchObject({ exitCode: 6, failure: { check: 'health', code: 'NOT_READY_IN_TIME' } });
    expect(report.failure?.message).toMatch(
      /^not ready after [\d.]+ s: got no response from 127\.0\.0\.1:\d+ within (0\.\d|1) s; check the endpoint's log$/,
    );
  });

  it('that rejects the first of several requests has its keys judged by the next one', async () => {
    const report = await testEndpoint(
      (request, response) => {
        const body: Buffer[] = [];
        request.on('data', (chunk: Buffer) => body.push(chunk));
        request.on('end', () => {
          const right = request.headers.authorization === 'Bearer the-key';
          const scored = Buffer.concat(body).toString() === '{"right":true}';
          response.writeHead(right ? (scored ? 200 : 400) : 401).end('{}');
        });
      },
      'the-key',
      {
        samples: [
          { path: await fileWith('wrong.json', '{}') },
          { path: await fileWith('right.json', '{"right":true}') },
        ],
      },
    );
    expect(report.failure).toMatchObject({ check: 'expectations' });
    expect(report.samples.map(({ passed }) => passed)).toEqual([false, true]);
  });
});
