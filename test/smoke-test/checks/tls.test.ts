import { X509Certificate } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

import type { SmokeTestOptions } from '../../../lib/smoke-test';
import { probabilities, startGrpcPeer, startPeer, type GrpcPeerOptions, type Peer } from '../../client/peers';
import {
  createAuthority,
  issueCertificate,
  type Authority,
  type CertificateOptions,
} from '../../support/certificates';
import { afterwards } from '../../support/cleanup';
import { fileWith, checkOf, testService } from './run';

const DAY = 86_400_000;
let authority: Authority;
let rootCertificateFile: string;

beforeAll(async () => {
  authority = await createAuthority({ name: 'Test Root' });
});

beforeEach(async () => {
  rootCertificateFile = await fileWith('root.pem', authority.root);
});

async function serve(options: GrpcPeerOptions): Promise<Peer> {
  const peer = await startGrpcPeer(
    {
      predict: probabilities(1),
      health: (_, answer) => {
        answer(null, { status: 'SERVING' });
      },
      status: (_, answer) => {
        answer(null, { modelVersionStatus: [{ version: 1, state: 'AVAILABLE' }] });
      },
    },
    options,
  );
  afterwards(() => peer.close());
  return peer;
}

const certificateOf = (options: CertificateOptions = {}) =>
  issueCertificate({ names: ['127.0.0.1'], issuer: authority, ...options });

const targetOf = ({ port }: Peer, target: Partial<SmokeTestOptions['target']> = {}) => ({
  host: '127.0.0.1',
  port,
  rootCertificateFile,
  ...target,
});

describe('the check TLS', () => {
  it('passes with a certificate that is trusted, and reports what it says', async () => {
    const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + 40.5 * DAY);
    const certificate = await certificateOf({ names: ['scoring.example', '127.0.0.1'], notAfter });
    const report = await testService(targetOf(await serve({ certificate })));
    expect(report.failure).toBeUndefined();
    expect(report.certificate).toMatchObject({
      subject: 'CN=scoring.example',
      names: ['scoring.example', '127.0.0.1'],
      issuer: 'O=Test, CN=Test Root',
      validTo: notAfter.toISOString(),
      daysToExpiry: 40,
      fingerprint256: new X509Certificate(certificate.certificate).fingerprint256,
      protocol: 'TLSv1.3',
    });
    expect(checkOf(report, 'tls')).toMatchObject({
      outcome: 'passed',
      detail:
        `TLSv1.3, ${report.certificate?.cipher ?? ''}; the certificate is for scoring.example, 127.0.0.1, was issued by ` +
        `"O=Test, CN=Test Root" and expires in 40 days, on ${notAfter.toISOString().slice(0, 10)}`,
    });
  });

  it.each<[string, string, () => CertificateOptions, RegExp, string]>([
    [
      'is self-signed',
      'self-signed',
      () => ({ issuer: undefined }),
      /\(127\.0\.0\.1\) is self-signed and not one of the given root certificates$/,
      'trust it with target.rootCertificateFile, or set GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
    ],
    [
      'has expired',
      'expired',
      () => ({ notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2020-02-01T00:00:00Z') }),
      /\(127\.0\.0\.1\) expired on 2020-02-01$/,
      'renew it and deploy it again',
    ],
    [
      'is not valid yet',
      'not-yet-valid',
      () => ({ notBefore: new Date('2090-01-01T00:00:00Z'), notAfter: new Date('2091-01-01T00:00:00Z') }),
      /\(127\.0\.0\.1\) is not valid before 2090-01-01T00:00:00\.000Z$/,
      "wait until then, or correct this machine's clock",
    ],
    [
      'is for other names',
      'name-mismatch',
      () => ({ names: ['scoring.example'] }),
      /is valid for scoring\.example, expected "127\.0\.0\.1"$/,
      'connect by a name that it covers, set target.serverName to such a name, reissue it with the SAN IP:127.0.0.1',
    ],
    [
      'has only a common name',
      'no-alternative-names',
      () => ({ names: [], commonName: '127.0.0.1' }),
      /has no subject alternative names, expected them to include "127\.0\.0\.1"/,
      'reissue it with the SAN IP:127.0.0.1',
    ],
  ])('fails with exit code 4 where the certificate %s', async (_, reason, options, detail, remedy) => {
    const certificate = await certificateOf(options());
    const report = await testService(targetOf(await serve({ certificate })));
    expect(report.exitCode).toBe(4);
    expect(report.failure).toMatchObject({ check: 'tls', code: 'CERTIFICATE' });
    expect(checkOf(report, 'tls')).toMatchObject({
      outcome: 'failed',
      code: 'CERTIFICATE',
      reason,
      detail: expect.stringMatching(detail) as string,
      remedy,
    });
    expect(report.certificate?.fingerprint256).toBe(
      new X509Certificate(certificate.certificate).fingerprint256,
    );
  });

  it('fails if no one trusts the issuer', async () => {
    const report = await testService({
      ...targetOf(await serve({ certificate: await certificateOf() })),
      rootCertificateFile: undefined,
    });
    expect(report.exitCode).toBe(4);
    expect(checkOf(report, 'tls').reason).toBe('untrusted');
  });

  it('fails if only the common name matches, which other clients reject', async () => {
    const certificate = await certificateOf({ names: [], commonName: 'scoring.example' });
    const report = await testService(
      targetOf(await serve({ certificate }), { serverName: 'scoring.example' }),
    );
    expect(report.exitCode).toBe(4);
    expect(checkOf(report, 'tls')).toMatchObject({
      reason: 'no-alternative-names',
      remedy: 'reissue it with the SAN DNS:scoring.example',
    });
  });

  it('fails if the service asks for a client certificate, and passes with one', async () => {
    const peer = await serve({ certificate: await certificateOf(), clientRoot: authority.root });
    const without = await testService(targetOf(peer));
    expect(without.exitCode).toBe(4);
    expect(checkOf(without, 'tls')).toMatchObject({
      reason: 'client-certificate',
      remedy: 'set target.clientCertificateFile and target.clientKeyFile',
    });
    const shown = await issueCertificate({
      commonName: 'client',
      issuer: authority,
      extendedKeyUsages: ['1.3.6.1.5.5.7.3.2'],
    });
    const withOne = await testService(
      targetOf(peer, {
        clientCertificateFile: await fileWith('client.pem', shown.chain),
        clientKeyFile: await fileWith('client.key', shown.privateKey),
      }),
    );
    expect(withOne.failure).toBeUndefined();
    expect(JSON.stringify(withOne)).not.toContain(shown.privateKey.split('\n')[1]);
  });

  it('fails if the service speaks plaintext', async () => {
    const report = await testService(targetOf(await serve({})));
    expect(report.exitCode).toBe(4);
    expect(checkOf(report, 'tls').reason).toBe('server-is-plaintext');
  });

  it('fails if the service speaks TLS and is called without', async () => {
    const peer = await serve({ certificate: await certificateOf() });
    const report = await testService({ host: '127.0.0.1', port: peer.port, plaintext: true });
    expect(report.exitCode).toBe(4);
    expect(checkOf(report, 'tls')).toMatchObject({
      reason: 'server-is-tls',
      remedy: 'remove target.plaintext to call it with TLS',
    });
  });

  it('is skipped without TLS, and reports what that means', async () => {
    const peer = await serve({});
    const report = await testService({ host: '127.0.0.1', port: peer.port, plaintext: true });
    expect(checkOf(report, 'tls')).toMatchObject({
      outcome: 'skipped',
      detail: 'calls are made without TLS: anyone on the network path can read them',
    });
  });

  it('diagnoses an endpoint over HTTP in the same way', async () => {
    const { certificate, privateKey } = await certificateOf({ names: ['scoring.example'] });
    const endpoint = await startPeer(
      https.createServer({ cert: certificate, key: privateKey }, (_, response) => response.end('{}')),
    );
    afterwards(() => endpoint.close());
    const report = await testService(targetOf(endpoint, { protocol: 'http' }));
    expect(report.exitCode).toBe(4);
    expect(checkOf(report, 'tls').reason).toBe('name-mismatch');
    const plain = await startPeer(http.createServer((_, response) => response.end('{}')));
    afterwards(() => plain.close());
    expect(checkOf(await testService(targetOf(plain, { protocol: 'http' })), 'tls')).toMatchObject({
      reason: 'server-is-plaintext',
      remedy: 'give the service a certificate, or use http to call it without encryption',
    });
  });
});

describe('the certificate that was deployed, against the one that is served', () => {
  const older = { notBefore: new Date(Date.now() - 80 * DAY) };
  const newer = { notBefore: new Date(Date.now() - 10 * DAY) };

  it('passes if they are the same', async () => {
    const certificate = await certificateOf();
    const report = await testService(
      targetOf(await serve({ certificate }), {
        certificateFile: await fileWith('deployed.pem', certificate.certificate),
      }),
    );
    expect(checkOf(report, 'tls').detail).toMatch(/; it is the one that was deployed$/);
  });

  it.each([
    [
      'deployed',
      older,
      newer,
      'the deployed certificate is newer: wait until it has reached the service, restart the service, or deploy again',
    ],
    [
      'served',
      newer,
      older,
      'the served certificate is newer: add it to the stack if it was renewed elsewhere, or deploy again to restore the deployed one',
    ],
  ])('fails if the %s one is newer, and reports it', async (_, servedDates, deployedDates, remedy) => {
    const served = await certificateOf(servedDates);
    const deployed = await certificateOf(deployedDates);
    const report = await testService(
      targetOf(await serve({ certificate: served }), {
        certificateFile: await fileWith('deployed.pem', deployed.certificate),
      }),
    );
    expect(report.exitCode).toBe(4);
    const check = checkOf(report, 'tls');
    expect(check).toMatchObject({ code: 'CERTIFICATE', reason: 'not-deployed', remedy });
    for (const { certificate } of [served, deployed]) {
      expect(check.detail).toContain(new X509Certificate(certificate).fingerprint256);
    }
  });

  it('waits until the deployed one is served, also where the previous one has expired', async () => {
    const former = await certificateOf({
      notBefore: new Date(Date.now() - 60 * DAY),
      notAfter: new Date(Date.now() - DAY),
    });
    const deployed = await certificateOf();
    const first = await serve({ certificate: former });
    let exchange: Promise<unknown> | undefined;
    const report = await testService(
      targetOf(first, { certificateFile: await fileWith('deployed.pem', deployed.certificate) }),
      {
        readyTimeoutSeconds: 10,
        onEvent: (event) => {
          if (event.kind === 'waiting' && event.check === 'tls') {
            exchange ??= first.close().then(() => serve({ certificate: deployed, port: first.port }));
          }
        },
      },
    );
    await exchange;
    expect(checkOf(report, 'tls').outcome).toBe('passed');
    expect(report.certificate?.fingerprint256).toBe(new X509Certificate(deployed.certificate).fingerprint256);
  });
});
