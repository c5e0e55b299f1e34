import tls from 'node:tls';

import { issueCertificate, type IssuedCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { GrpcClient, HOSTNAME, rowRequest } from '../server/support/grpc-client';
import { serverForTest, type TestServer } from '../server/support/test-server';

// With an RSA certificate a server could agree to everything that ever was; with another, suites fail for that.
let certificate: IssuedCertificate;

beforeAll(async () => {
  certificate = await issueCertificate({ names: [HOSTNAME], keyType: 'rsa' });
});

interface Agreed {
  readonly protocol: string | null;
  readonly cipher: string;
}

/** What a client of node:tls and the server agree on, or the code of the alert that the server answers with. */
function handshake(port: number, options: tls.ConnectionOptions): Promise<Agreed | string> {
  return new Promise((resolve) => {
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      servername: HOSTNAME,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
      ...options,
    });
    afterwards(() => socket.destroy());
    socket.on('secureConnect', () => {
      resolve({ protocol: socket.getProtocol(), cipher: socket.getCipher().standardName });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
  });
}

const only = (version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): tls.ConnectionOptions => ({
  minVersion: version,
  maxVersion: version,
});

// OpenSSL's own defaults would keep this client from offering what is to be refused.
const ANYTHING = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';

async function serves({ address }: TestServer): Promise<string> {
  const client = new GrpcClient(address, { root: certificate.certificate });
  afterwards(() => {
    client.close();
  });
  return (await client.predict(rowRequest(1, 2, 3))).status;
}

describe('the server agrees to', () => {
  it('TLS 1.3', async () => {
    const { port } = await serverForTest({ tls: certificate });
    expect(await handshake(port, {})).toMatchObject({ protocol: 'TLSv1.3' });
  });

  it.each(['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-CHACHA20-POLY1305'])(
    'TLS 1.2 with %s',
    async (ciphers) => {
      const { port } = await serverForTest({ tls: certificate });
      expect(await handshake(port, { ...only('TLSv1.2'), ciphers })).toMatchObject({ protocol: 'TLSv1.2' });
    },
  );
});

describe('the server rejects', () => {
  it.each(['TLSv1', 'TLSv1.1'] as const)('%s', async (version) => {
    const server = await serverForTest({ tls: certificate });
    expect(await handshake(server.port, { ...only(version), ciphers: ANYTHING })).toBe(
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    );
    expect(await serves(server)).toBe('OK');
  });

  it.each([
    ['without forward secrecy', 'AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA:AES256-SHA'],
    ['with CBC', 'ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA'],
    ['with parameters of Diffie and Hellman’s own', 'DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384'],
    ['without a certificate', 'ADH-AES128-GCM-SHA256:AECDH-AES128-SHA:@SECLEVEL=0'],
    ['without encryption', 'NULL-SHA256:ECDHE-RSA-NULL-SHA:@SECLEVEL=0'],
  ])('suites %s', async (_, ciphers) => {
    const server = await serverForTest({ tls: certificate });
    expect(await handshake(server.port, { ...only('TLSv1.2'), ciphers })).toBe(
      'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    );
    expect(await serves(server)).toBe('OK');
  });

  it('them still after its certificate was replaced', async () => {
    const server = await serverForTest({ tls: certificate });
    const next = await issueCertificate({ names: [HOSTNAME], keyType: 'rsa' });
    await server.server.reload({ model: server.model, tls: next });
    const old = { ...only('TLSv1.1'), ciphers: ANYTHING };
    expect(await handshake(server.port, old)).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    const cbc = { ...only('TLSv1.2'), ciphers: 'ECDHE-RSA-AES128-SHA256' };
    expect(await handshake(server.port, cbc)).toBe('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE');
  });

  it('to renegotiate, whatever was agreed on before', async () => {
    const server = await serverForTest({ tls: certificate });
    const socket = tls.connect({
      port: server.port,
      host: '127.0.0.1',
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
      ...only('TLSv1.2'),
    });
    afterwards(() => socket.destroy());
    const ended = new Promise<string>((resolve) => {
      socket.on('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.message);
      });
      socket.on('secureConnect', () => {
        socket.renegotiate({ rejectUnauthorized: false }, (error) => {
          resolve(error === null ? 'renegotiated' : ((error as NodeJS.ErrnoException).code ?? error.message));
        });
      });
    });
    expect(await ended).toBe('ERR_SSL_NO_RENEGOTIATION');
    expect(await serves(server)).toBe('OK');
  });
});
