import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';

import {
  CertificateError,
  ConnectionFailedError,
  PredictionClient,
  UnexpectedResponseError,
  type PredictionClientOptions,
  type PredictionError,
} from '../../lib/client';
import {
  createAuthority,
  issueCertificate,
  type Authority,
  type CertificateOptions,
} from '../support/certificates';
import { filteredPort } from '../support/filtered-port';
import { closedPort, probabilities, startGrpcPeer, startPeer, type Peer } from '../client/peers';

const image = Buffer.from('image');
const DAY = 86_400_000;
/** The first byte of a TLS handshake. */
const TLS_HANDSHAKE = 0x16;

let authority: Authority;
const peers: Peer[] = [];
const clients: PredictionClient[] = [];

beforeAll(async () => {
  authority = await createAuthority({ name: 'Test Root' });
});

afterEach(async () => {
  clients.splice(0).forEach((client) => {
    client.close();
  });
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function started(peer: Promise<Peer>): Promise<Peer> {
  peers.push(await peer);
  return peer;
}

async function tlsServer(options: CertificateOptions): Promise<Peer> {
  return started(
    startGrpcPeer({ predict: probabilities(1) }, { certificate: await issueCertificate(options) }),
  );
}

async function failure(options: PredictionClientOptions, deadlineMs = 10_000): Promise<PredictionError> {
  const client = new PredictionClient({ ...options, retry: { maxAttempts: 2, initialBackoffMs: 1 } });
  clients.push(client);
  return client.predictImage(image, { deadlineMs }).then(
    () => {
      throw new Error('the call went through');
    },
    (error: unknown) => error as PredictionError,
  );
}

describe('a call that cannot connect reports why', () => {
  it('when nothing is listening on the port', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    const error = await failure({ address, plaintext: true });
    expect(error).toBeInstanceOf(ConnectionFailedError);
    expect(error).toMatchObject({
      code: 'CONNECTION_FAILED',
      reason: 'refused',
      grpcStatusName: 'UNAVAILABLE',
      message: `connection refused: nothing is listening on ${address}; start the service, or check the port`,
      finding: `connection refused: nothing is listening on ${address}`,
      remedy: 'start the service, or check the port',
    });
  });

  it('when packets to the port are dropped', async () => {
    const filtered = await filteredPort();
    const { port } = filtered;
    const error = await failure({ address: `127.0.0.1:${port}`, plaintext: true, connectTimeoutMs: 400 });
    await filtered.close();
    expect(error).toMatchObject({
      code: 'CONNECTION_FAILED',
      reason: 'timed-out',
      remedy: 'check the address, the firewall and the network security group',
    });
    expect(error.finding).toMatch(
      new RegExp(
        `^got no response from 127\\.0\\.0\\.1:${port} within \\d+ ms: packets are dropped on the network path$`,
      ),
    );
  });

  it('if nothing listens on the address of the host name, with that address', async () => {
    const port = await closedPort();
    const error = await failure({ address: `localhost:${port}`, plaintext: true });
    expect(error.finding).toMatch(
      new RegExp(
        `^connection refused: nothing is listening on localhost:${port} at [0-9a-f.:, ]*127\\.0\\.0\\.1[0-9a-f.:, ]*`,
      ),
    );
  });

  it('when the host name has no address', async () => {
    const error = await failure({ address: 'scoring.invalid:443' });
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', reason: 'name-not-found' });
    expect(error.message).toMatch(
      /^the host name "scoring\.invalid" has no address \(E[A-Z_]+\); check its spelling and its DNS record, wait if the record is new, or use an IP address and set serverName to the name$/,
    );
  });

  it('when a server accepts the connection and never answers', async () => {
    const { address } = await started(startPeer(net.createServer()));
    for (const [plaintext, stage] of [
      [true, 'HTTP/2'],
      [false, 'TLS'],
    ] as const) {
      const error = await failure({ address, plaintext }, 400);
      expect(error).toMatchObject({ code: 'CONNECTION_FAILED', reason: 'timed-out' });
      expect(error.message).toMatch(
        new RegExp(
          `^${address} accepts connections but did not complete the ${stage} handshake within \\d+ ms; ` +
            'check that a scoring service is listening there and does not hang$',
        ),
      );
    }
  });

  it('when the connection is closed at once', async () => {
    const { address } = await started(startPeer(net.createServer((socket) => socket.destroy())));
    expect(await failure({ address, plaintext: true })).toMatchObject({
      reason: 'closed',
      message: `${address} closed the connection during the HTTP/2 handshake; check that a scoring service is listening there, and check its log`,
    });
    expect(await failure({ address })).toMatchObject({
      reason: 'closed',
      message: `${address} closed the connection during the TLS handshake; check that a scoring service is listening there, and whether it requires a client certificate`,
    });
  });

  it('when the server there speaks HTTP/1', async () => {
    const { address } = await started(startPeer(http.createServer()));
    for (const plaintext of [true, false]) {
      const error = await failure({ address, plaintext });
      expect(error).toBeInstanceOf(UnexpectedResponseError);
      expect(error.message).toBe(
        `the server at ${address} does not speak HTTP/2, which gRPC needs; its response starts with "HTTP/1.1 400 Bad Request"; ` +
          'check the port, and that every proxy in between forwards gRPC',
      );
    }
  });

  it('when the server there speaks HTTP/1 over TLS', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: ['127.0.0.1'], issuer: authority });
    const { address } = await started(startPeer(https.createServer({ cert: certificate, key: privateKey })));
    expect(await failure({ address, rootCertificates: authority.root })).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      message: `the server at ${address} does not speak HTTP/2, which gRPC needs; check the port, and that every proxy in between forwards gRPC`,
    });
  });
});

describe('a call that cannot agree on TLS reports why', () => {
  it('when the certificate is self-signed', async () => {
    const { address } = await tlsServer({ names: ['127.0.0.1'] });
    const error = await failure({ address });
    expect(error).toBeInstanceOf(CertificateError);
    expect(error).toMatchObject({
      code: 'CERTIFICATE',
      reason: 'self-signed',
      message: `the certificate of ${address} (127.0.0.1) is self-signed and not one of the trusted roots; trust it with rootCertificates, or set GRPC_DEFAULT_SSL_ROOTS_FILE_PATH`,
    });
    expect((await failure({ address, rootCertificates: authority.root })).message).toContain(
      'is self-signed and not one of the given root certificates',
    );
  });

  it('when the issuer is not trusted', async () => {
    const { address } = await tlsServer({ names: ['127.0.0.1'], issuer: authority });
    expect(await failure({ address })).toMatchObject({
      reason: 'untrusted',
      message: `the certificate of ${address} (127.0.0.1) was issued by "O=Test, CN=Test Root", which is not one of the trusted roots; trust its authority's certificate with rootCertificates, or configure the server to send the intermediate certificates`,
    });
  });

  it('when the certificate has expired', async () => {
    const { address } = await tlsServer({
      names: ['127.0.0.1'],
      issuer: authority,
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2020-02-01T00:00:00Z'),
    });
    expect(await failure({ address, rootCertificates: authority.root })).toMatchObject({
      reason: 'expired',
      message: `the certificate of ${address} (127.0.0.1) expired on 2020-02-01; renew it and deploy it again`,
    });
  });

  it('when the certificate is not valid yet', async () => {
    const { address } = await tlsServer({
      names: ['127.0.0.1'],
      issuer: authority,
      notBefore: new Date('2090-01-01T00:00:00Z'),
      notAfter: new Date('2091-01-01T00:00:00Z'),
    });
    expect(await failure({ address, rootCertificates: authority.root })).toMatchObject({
      reason: 'not-yet-valid',
      message: `the certificate of ${address} (127.0.0.1) is not valid before 2090-01-01T00:00:00.000Z; wait until then, or correct this machine's clock`,
    });
  });

  it('when the certificate is for other names, and shows them', async () => {
    const { address } = await tlsServer({
      names: ['scoring.example', '*.scoring.example'],
      issuer: authority,
    });
    expect(await failure({ address, rootCertificates: authority.root })).toMatchObject({
      reason: 'name-mismatch',
      message: `the certificate of ${address} is valid for scoring.example, *.scoring.example, expected "127.0.0.1"; connect by a name that it covers, set serverName to such a name, reissue it with the SAN IP:127.0.0.1`,
    });
    expect(
      (await failure({ address, serverName: 'other.example', rootCertificates: authority.root })).message,
    ).toContain('is valid for scoring.example, *.scoring.example, expected "other.example"');
  });

  it('when the certificate is for host names, and the call goes to an IP address', async () => {
    const { address } = await tlsServer({ names: ['127.0.0.1'], kinds: ['dns'], issuer: authority });
    expect(await failure({ address, rootCertificates: authority.root })).toMatchObject({
      reason: 'name-mismatch',
      finding: `the certificate of ${address} is valid for 127.0.0.1, expected "127.0.0.1": the address must be a SAN of type IP, not DNS`,
      remedy:
        'connect by a name that it covers, set serverName to such a name, reissue it with the SAN IP:127.0.0.1',
    });
  });

  it('if the certificate has only a common name, which is another name', async () => {
    const { address } = await tlsServer({ commonName: 'scoring.example', issuer: authority });
    expect(
      await failure({ address, serverName: 'other.example', rootCertificates: authority.root }),
    ).toMatchObject({
      code: 'CERTIFICATE',
      reason: 'no-alternative-names',
      message: `the certificate of ${address} has no subject alternative names, expected them to include "other.example" (clients ignore its common name, "scoring.example"); reissue it with the SAN DNS:other.example`,
    });
  });

  it('if the certificate has only a common name, which is the IP address', async () => {
    const { address } = await tlsServer({ commonName: '127.0.0.1', issuer: authority });
    expect(await failure({ address, rootCertificates: authority.root })).toMatchObject({
      reason: 'no-alternative-names',
      remedy: 'reissue it with the SAN IP:127.0.0.1',
    });
  });

  it('when the server asks for a client certificate', async () => {
    const certificate = await issueCertificate({ names: ['127.0.0.1'], issuer: authority });
    const { address } = await started(
      startGrpcPeer({ predict: probabilities(1) }, { certificate, clientRoot: authority.root }),
    );
    expect(await failure({ address, rootCertificates: authority.root })).toMatchObject({
      code: 'CERTIFICATE',
      reason: 'client-certificate',
      message: `${address} requires a client certificate, got none (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED); set clientCertificate`,
    });
  });

  it('when the server speaks plaintext', async () => {
    const { address } = await started(startGrpcPeer({ predict: probabilities(1) }));
    expect(await failure({ address })).toMatchObject({
      code: 'CERTIFICATE',
      reason: 'server-is-plaintext',
      message: `got plaintext from ${address}, expected TLS: the server there speaks HTTP/2 without TLS; give the service a certificate, or use plaintext to call it without encryption`,
    });
  });

  it('when the server speaks TLS and the call plaintext', async () => {
    const { address } = await tlsServer({ names: ['127.0.0.1'] });
    expect(await failure({ address, plaintext: true })).toMatchObject({
      code: 'CERTIFICATE',
      reason: 'server-is-tls',
      message: `got TLS from ${address}, expected plaintext: the server there requires TLS; remove plaintext to call it with TLS`,
    });
  });

  it('when the server speaks TLS and complains of plaintext in plaintext, as those written in Go do', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: ['127.0.0.1'] });
    const secure = tls.createServer({ cert: certificate, key: privateKey });
    const { address } = await started(
      startPeer(
        net.createServer((socket) => {
          socket.once('data', (bytes) => {
            if (bytes[0] === TLS_HANDSHAKE) {
              socket.pause();
              socket.unshift(bytes);
              secure.emit('connection', socket);
            } else {
              socket.end('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n');
            }
          });
        }),
      ),
    );
    expect(await failure({ address, plaintext: true })).toMatchObject({
      code: 'CERTIFICATE',
      reason: 'server-is-tls',
    });
  });
});

describe('a call over TLS goes through', () => {
  const predict = async (options: PredictionClientOptions) => {
    const client = new PredictionClient(options);
    clients.push(client);
    return client.predictImage(image);
  };

  it.each<[string, (root: Authority) => CertificateOptions, string | undefined]>([
    ['a self-signed certificate for the address', () => ({ names: ['127.0.0.1'] }), undefined],
    [
      'a self-signed certificate for the host name',
      () => ({ names: ['scoring.localhost'] }),
      'scoring.localhost',
    ],
    ['a wildcard', (issuer) => ({ names: ['*.scoring.example'], issuer }), 'blue.scoring.example'],
    [
      'an issued certificate that is valid for a day',
      (issuer) => ({ names: ['127.0.0.1'], issuer, notAfter: new Date(Date.now() + DAY) }),
      undefined,
    ],
  ])('with %s', async (_, options, serverName) => {
    const certificate = await issueCertificate(options(authority));
    const { address } = await started(startGrpcPeer({ predict: probabilities(0.5) }, { certificate }));
    const issued = options(authority).issuer !== undefined;
    const rootCertificates = issued ? authority.root : certificate.certificate;
    await expect(predict({ address, serverName, rootCertificates })).resolves.toEqual(
      new Float32Array([0.5]),
    );
  });

  it('with a client certificate where the server asks for one', async () => {
    const certificate = await issueCertificate({ names: ['127.0.0.1'], issuer: authority });
    const { chain, privateKey } = await issueCertificate({
      commonName: 'client',
      issuer: authority,
      extendedKeyUsages: ['1.3.6.1.5.5.7.3.2'],
    });
    const { address } = await started(
      startGrpcPeer({ predict: probabilities(0.5) }, { certificate, clientRoot: authority.root }),
    );
    const clientCertificate = { certificateChain: chain, privateKey };
    await expect(predict({ address, rootCertificates: authority.root, clientCertificate })).resolves.toEqual(
      new Float32Array([0.5]),
    );
  });
});
