import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { closeSync, constants, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';

import { diagnoseConnection, type ConnectionTarget } from '../../lib/connection/connection-diagnosis';
import { propertyNames } from '../../lib/validation/option-names';
import { connectionError } from '../../lib/connection/connection-error';
import { describeCertificate } from '../../lib/connection/served-certificate';
import { createAuthority, issueCertificate, type Authority } from '../support/certificates';
import { temporaryFolder } from '../support/temporary-folder';
import { closedPort, startPeer, type Peer } from '../client/peers';

const peers: Peer[] = [];
let authority: Authority;

beforeAll(async () => {
  authority = await createAuthority({ name: 'Test Root' });
});

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function started(server: net.Server): Promise<Peer> {
  const peer = await startPeer(server);
  peers.push(peer);
  return peer;
}

describe('a look-up of a name', () => {
  it('ends when its time is over, although the resolver does not answer', async () => {
    const release = await keepThreadsBusy();
    const target: ConnectionTarget = {
      address: { host: 'scoring.example', port: 443 },
      serverName: 'scoring.example',
      application: 'h2',
      names: propertyNames,
    };
    const diagnosis = await diagnoseConnection(target, 100);
    await release();
    expect(diagnosis).toMatchObject({ kind: 'timed-out', stage: 'name look-up' });
    const { message, finding } = connectionError(diagnosis, target, '');
    expect(finding).toMatch(
      /^got no address for the host name "scoring\.example" within \d+ ms: the resolver does not respond$/,
    );
    expect(message).toBe(
      `${finding}; check this machine's name servers and network, or use an IP address and set serverName to the name`,
    );
  });

  /** The system's look-ups wait for one of Node's few threads. */
  async function keepThreadsBusy(): Promise<() => Promise<void>> {
    const folder = await temporaryFolder();
    const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
    const pipes = Array.from({ length: threads }, (_, index) => path.join(folder.path, `pipe-${index}`));
    execFileSync('mkfifo', pipes);
    // To open a pipe that nobody writes to keeps a thread.
    const opened = pipes.map(async (pipe) => (await open(pipe, 'r')).close());
    return async () => {
      pipes.forEach((pipe) => {
        closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK));
      });
      await Promise.all(opened);
      await folder.remove();
    };
  }
});

describe('a connection over HTTP/1.1 is diagnosed as one for gRPC is', () => {
  const target = ({ port }: { port: number }, settings?: ConnectionTarget['tls']): ConnectionTarget => ({
    address: { host: '127.0.0.1', port },
    serverName: '127.0.0.1',
    application: 'http/1.1',
    names: propertyNames,
    ...(settings && { tls: settings }),
  });
  const failureOf = async (at: ConnectionTarget) =>
    connectionError(await diagnoseConnection(at, 5_000), at, 'socket hang up');
  const trusting = () => ({ rootCertificates: Buffer.from(authority.root) });
  const issued = () => issueCertificate({ names: ['127.0.0.1'], issuer: authority });

  it('and found in order, in plaintext and over TLS', async () => {
    const plain = await started(http.createServer((_, response) => response.end()));
    expect(await diagnoseConnection(target(plain), 5_000)).toEqual({ kind: 'ready' });
    const { certificate, privateKey } = await issued();
    const secure = await started(
      https.createServer({ cert: certificate, key: privateKey }, (_, response) => response.end()),
    );
    expect(await diagnoseConnection(target(secure, trusting()), 5_000)).toMatchObject({
      kind: 'ready',
      session: {
        protocol: 'TLSv1.3',
        certificate: {
          subject: 'CN=127.0.0.1',
          addresses: ['127.0.0.1'],
          hostNames: [],
          issuer: 'O=Test, CN=Test Root',
          fingerprint256: new X509Certificate(certificate).fingerprint256,
        },
      },
    });
  });

  it('when nothing listens, without a status of gRPC', async () => {
    const port = await closedPort();
    const error = await failureOf(target({ port }));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', reason: 'refused' });
    expect(error.grpcStatus).toBeUndefined();
  });

  it('when it is called with http and speaks TLS', async () => {
    const { certificate, privateKey } = await issued();
    const peer = await started(https.createServer({ cert: certificate, key: privateKey }));
    expect(await failureOf(target(peer))).toMatchObject({
      code: 'CERTIFICATE',
      reason: 'server-is-tls',
      message: `got TLS from ${peer.address}, expected plaintext: the server there requires TLS; call it with https`,
    });
  });

  it('when it is called with https and speaks plaintext', async () => {
    const peer = await started(http.createServer((_, response) => response.end()));
    expect(await failureOf(target(peer, trusting()))).toMatchObject({
      code: 'CERTIFICATE',
      reason: 'server-is-plaintext',
      message: `got plaintext from ${peer.address}, expected TLS: the server there speaks HTTP/1.1 without TLS; give the service a certificate, or use http to call it without encryption`,
    });
  });

  it('when its issuer is not trusted', async () => {
    const { certificate, privateKey } = await issued();
    const peer = await started(https.createServer({ cert: certificate, key: privateKey }));
    expect(await failureOf(target(peer, {}))).toMatchObject({ code: 'CERTIFICATE', reason: 'untrusted' });
  });

  it('if it requires a client certificate, which TLS 1.3 reports after the handshake', async () => {
    const { certificate, privateKey } = await issued();
    const peer = await started(
      https.createServer({
        cert: certificate,
        key: privateKey,
        ca: authority.root,
        requestCert: true,
        rejectUnauthorized: true,
      }),
    );
    const error = await failureOf(target(peer, trusting()));
    expect(error).toMatchObject({ code: 'CERTIFICATE', reason: 'client-certificate' });
    expect(error.finding).toContain(`${peer.address} requires a client certificate, got none`);
  });

  it('if it rejects the client certificate', async () => {
    const { certificate, privateKey } = await issued();
    const peer = await started(
      https.createServer({
        cert: certificate,
        key: privateKey,
        ca: authority.root,
        requestCert: true,
        rejectUnauthorized: true,
      }),
    );
    const stranger = await issueCertificate({
      commonName: 'stranger',
      extendedKeyUsages: ['1.3.6.1.5.5.7.3.2'],
    });
    const error = await failureOf(
      target(peer, {
        ...trusting(),
        certificateChain: Buffer.from(stranger.certificate),
        privateKey: Buffer.from(stranger.privateKey),
      }),
    );
    expect(error).toMatchObject({
      code: 'CONNECTION_FAILED',
      reason: 'closed',
      remedy: 'check that a scoring service is listening there, and that it trusts the client certificate',
    });
  });

  it('when the server there speaks HTTP/2 alone', async () => {
    const peer = await started(http2.createServer());
    expect(await failureOf(target(peer))).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      finding: `the server at ${peer.address} does not speak HTTP/1.1; its response starts with "an HTTP/2 frame"`,
    });
  });

  it('and found in order where a request waits its turn', async () => {
    const peer = await started(net.createServer());
    expect(await diagnoseConnection(target(peer), 5_000)).toEqual({ kind: 'ready' });
  });
});

describe('a host name whose record may be wrong', () => {
  const target: ConnectionTarget = {
    address: { host: 'scoring.example', port: 443 },
    serverName: 'scoring.example',
    application: 'h2',
    names: propertyNames,
    tls: {},
  };

  it('is shown with its address, and the remedy mentions the record', () => {
    const error = connectionError({ kind: 'refused', addresses: ['203.0.113.9'] }, target, '');
    expect(error.message).toBe(
      'connection refused: nothing is listening on scoring.example:443 at 203.0.113.9; ' +
        "start the service, or check the port, or correct the name's DNS record",
    );
  });

  it('points to another server, whose certificate shows it', async () => {
    const { certificate } = await issueCertificate({ names: ['other.example'] });
    const served = describeCertificate(new X509Certificate(certificate));
    const error = connectionError(
      {
        kind: 'certificate',
        verifyCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
        session: { certificate: served, protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
        addresses: ['203.0.113.9'],
      },
      target,
      '',
    );
    expect(error.finding).toBe(
      'the certificate of scoring.example:443 at 203.0.113.9 is valid for other.example, expected "scoring.example"',
    );
    expect(error.remedy).toContain("correct the name's DNS record if another server answers there");
  });
});
