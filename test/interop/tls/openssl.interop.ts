import { spawn } from 'node:child_process';

import { issueCertificate, type IssuedCertificate } from '../../support/certificates';
import { HOSTNAME } from '../../server/support/grpc-client';
import { serverForTest } from '../../server/support/test-server';

/*
 * What a scanner would ask: one handshake of OpenSSL's client for each thing that must work, and for each that
 * must not. Node's own client, which test/server/tls-policy.test.ts uses, cannot offer all of them.
 */

let certificate: IssuedCertificate;

beforeAll(async () => {
  certificate = await issueCertificate({ names: [HOSTNAME], keyType: 'rsa' });
});

/** Everything that OpenSSL's client says of a handshake with a server of ours. */
async function connect(args: readonly string[], input = ''): Promise<string> {
  const { port } = await serverForTest({ tls: certificate });
  const address = ['-connect', `127.0.0.1:${port}`, '-servername', HOSTNAME, '-alpn', 'h2'];
  const client = spawn('openssl', ['s_client', ...address, ...args]);
  let output = '';
  let sent = false;
  const read = (chunk: Buffer) => {
    output += chunk.toString();
    // It reads its input only once the handshake is done.
    if (!sent && output.includes('Verify return code')) {
      sent = true;
      client.stdin.end(input);
    }
  };
  // A client whose handshake was refused has ended before it was told to.
  client.stdin.on('error', () => undefined);
  client.stdout.on('data', read);
  client.stderr.on('data', read);
  await new Promise<void>((resolve, reject) => {
    client.on('error', (error) => {
      reject(new Error(`OpenSSL's client does not run (${error.message}); install openssl`));
    });
    client.on('close', () => {
      resolve();
    });
  });
  return output;
}

const ALL = ['-cipher', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'];

describe('OpenSSL’s client', () => {
  it('agrees on TLS 1.3 and HTTP/2, without compression and without early data', async () => {
    const output = await connect(['-tls1_3']);
    expect(output).toMatch(/^New, TLSv1\.3, Cipher is TLS_(AES|CHACHA20)_/m);
    expect(output).toContain('ALPN protocol: h2');
    expect(output).toContain('Compression: NONE');
    expect(output).toContain('Early data was not sent');
  });

  it('agrees on TLS 1.2 with secure renegotiation announced and an extended master secret', async () => {
    const output = await connect(['-tls1_2', ...ALL]);
    expect(output).toMatch(/^New, TLSv1\.2, Cipher is ECDHE-RSA-(AES|CHACHA20)\S+(GCM|POLY1305)/m);
    expect(output).toContain('Secure Renegotiation IS supported');
    expect(output).toContain('Extended master secret: yes');
    expect(output).toContain('Compression: NONE');
  });

  it('gets no compression, even where it asks for it', async () => {
    expect(await connect(['-tls1_2', '-comp', ...ALL])).toContain('Compression: NONE');
  });

  it.each(['-tls1', '-tls1_1'])('is rejected with %s', async (version) => {
    const output = await connect([version, ...ALL]);
    expect(output).toMatch(/alert protocol version/);
    expect(output).toContain('Cipher is (NONE)');
  });

  it.each([
    ['without forward secrecy', 'kRSA'],
    ['with CBC', 'ECDHE+AES:!AESGCM:!AESCCM'],
    ['with AES-CCM', 'AESCCM'],
    ['with finite fields', 'DHE'],
    ['with Camellia or ARIA', 'CAMELLIA:ARIA'],
    ['without a certificate', 'aNULL:@SECLEVEL=0'],
    ['without encryption', 'eNULL:@SECLEVEL=0'],
    ['with a key that both know before', 'PSK'],
  ])('is rejected with suites %s', async (_, cipher) => {
    const output = await connect(['-tls1_2', '-cipher', cipher]);
    expect(output).toMatch(/alert handshake failure|no ciphers available/);
    expect(output).not.toMatch(/Cipher is (ECDHE|DHE|AES)/);
  });

  it('cannot renegotiate', async () => {
    const output = await connect(['-tls1_2'], 'R\n');
    // It verifies the certificate again in a second handshake, where there is one.
    const [before, after] = output.split('RENEGOTIATING');
    expect(before).toContain('verify return');
    expect(after).toMatch(/no renegotiation|error/i);
    expect(after).not.toContain('verify return');
  });
});
