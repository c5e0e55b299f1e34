import https from 'node:https';

import type { SmokeTestReport } from '../../../lib/smoke-test';
import { startPeer } from '../../client/peers';
import { issueCertificate } from '../../support/certificates';
import { afterwards } from '../../support/cleanup';
import { fileWith, testService } from '../stages/run';

/** Tests an endpoint whose gateway answers with a status, by the key of the call, and a page. */
async function testGateway(
  status: (authorization: string | undefined) => number,
  key?: string,
): Promise<SmokeTestReport> {
  const { certificate, privateKey } = await issueCertificate({ names: ['127.0.0.1'] });
  const peer = await startPeer(
    https.createServer({ cert: certificate, key: privateKey }, (request, response) => {
      response
        .writeHead(status(request.headers.authorization), { 'content-type': 'text/html' })
        .end('<html>no</html>');
    }),
  );
  afterwards(() => peer.close());
  return testService({
    protocol: 'http',
    host: '127.0.0.1',
    port: peer.port,
    tls: true,
    rootCertificateFile: await fileWith('root.pem', certificate),
    ...(key !== undefined && { key }),
  });
}

describe('an endpoint behind a gateway', () => {
  it.each([
    [404, 6, 'health', "check the path and the endpoint's name, or wait until its route is there"],
    [429, 6, 'health', 'call it with less at once, or give its deployment more instances'],
    [502, 6, 'health', 'wait until its deployment has started, and look in its log if that takes too long'],
    [503, 6, 'health', 'wait until its deployment has started, and look in its log if that takes too long'],
    [401, 5, 'authentication', "pass the endpoint's primary or secondary key"],
    [403, 5, 'authentication', "pass the endpoint's primary or secondary key"],
    [
      500,
      1,
      'first-score',
      "check that the request is what its entry script takes, and look in the endpoint's log",
    ],
  ])(
    'that answers with HTTP status %d ends the test with exit code %d',
    async (status, exitCode, stage, remedy) => {
      const report = await testGateway(() => status);
      expect(report.exitCode).toBe(exitCode);
      const failed = report.stages.find(({ outcome }) => outcome === 'failed');
      expect(failed).toMatchObject({ name: stage, remedy });
      expect(failed?.detail).toContain(`status ${status}: <html>no</html>`);
    },
  );

  it('says of a wrong key that it is the key, and never shows it', async () => {
    const report = await testGateway(() => 401, 'a-wrong-key');
    expect(report.stages.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      name: 'authentication',
      code: 'UNAUTHENTICATED',
      detail: 'the key is refused: status 401: <html>no</html>',
      remedy: "check that it is this endpoint's primary or secondary key, and that it was not replaced",
    });
    expect(JSON.stringify(report)).not.toContain('a-wrong-key');
  });

  it('is not said to be open because the gateway limits calls', async () => {
    const report = await testGateway((key) => (key === 'Bearer the-key' ? 200 : 429), 'the-key');
    expect(report.failure).toMatchObject({ stage: 'authentication', code: 'OVERLOADED' });
  });
});
