import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import * as grpc from '@grpc/grpc-js';
import * as x509 from '@peculiar/x509';

import {
  certificateSummary,
  checkCertificate,
  createSelfSignedCertificate,
  SelfSignedCertificateError,
} from '../../lib/tls';
import { temporaryFolder } from '../support/temporary-folder';

/** Calls a method that there is not, with the roots that grpc takes by default, and prints the status. */
const CALL = `
  const grpc = require('@grpc/grpc-js');
  const client = new grpc.Client(process.argv[1], grpc.credentials.createSsl(), {
    'grpc.ssl_target_name_override': 'scoring.localhost',
  });
  const same = (bytes) => bytes;
  client.makeUnaryRequest('/none/None', same, same, Buffer.alloc(0), (error) => {
    client.close();
    console.log(error.code);
  });
`;

describe('createSelfSignedCertificate', () => {
  it('makes a certificate in which the checks find nothing wrong', async () => {
    const made = await createSelfSignedCertificate({
      hostname: 'scoring.localhost',
      ipAddresses: ['127.0.0.1', '::1'],
    });
    for (const hostname of ['scoring.localhost', '127.0.0.1', '::1']) {
      const problems = checkCertificate({
        certificateChain: made.certificate,
        privateKey: made.privateKey,
        rootCertificates: made.certificate,
        hostname,
        allowSelfSigned: true,
      });
      expect(problems).toEqual([]);
    }
  });

  it('makes it no authority: its key issues nothing that the clients would trust', async () => {
    const made = await createSelfSignedCertificate({ hostname: 'scoring.localhost' });
    const certificate = new X509Certificate(made.certificate);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  it('lasts as many days as were asked for', async () => {
    const now = new Date('2026-06-01T12:00:00Z');
    const { certificate } = await createSelfSignedCertificate({
      hostname: 'a.localhost',
      validityDays: 30,
      now,
    });
    const { notBefore, notAfter, daysLeft } = certificateSummary(certificate, now);
    expect(notBefore).toEqual(new Date('2026-06-01T11:55:00Z'));
    expect(notAfter).toEqual(new Date('2026-07-01T12:00:00Z'));
    expect(daysLeft).toBe(30);
    const year = await createSelfSignedCertificate({ hostname: 'a.localhost', now });
    expect(certificateSummary(year.certificate, now).daysLeft).toBe(365);
  });

  it('accepts names in Unicode, long names and addresses', async () => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.localhost`;
    const expected: [string, string][] = [
      ['bücher.localhost', 'xn--bcher-kva.localhost'],
      [long, long],
      ['127.0.0.1', '127.0.0.1'],
      ['::1', '::1'],
    ];
    for (const [hostname, name] of expected) {
      const { certificate } = await createSelfSignedCertificate({ hostname });
      expect(certificateSummary(certificate).names).toEqual([name]);
    }
  });

  it('is accepted by a gRPC client that has it as its root, by argument or by environment variable, and by no other', async () => {
    const made = await createSelfSignedCertificate({
      hostname: 'scoring.localhost',
      ipAddresses: ['127.0.0.1'],
    });
    const other = await createSelfSignedCertificate({
      hostname: 'scoring.localhost',
      ipAddresses: ['127.0.0.1'],
    });
    const server = new grpc.Server();
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(
        '127.0.0.1:0',
        grpc.ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(made.certificate), private_key: Buffer.from(made.privateKey) },
        ]),
        (error, bound) => {
          if (error) {
            reject(error);
          } else {
            resolve(bound);
          }
        },
      );
    });
    const codeWith = (root: string) =>
      new Promise<grpc.status | undefined>((resolve) => {
        const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createSsl(Buffer.from(root)), {
          'grpc.ssl_target_name_override': 'scoring.localhost',
        });
        const same = (bytes: Buffer) => bytes;
        client.makeUnaryRequest('/none/None', same, same, Buffer.alloc(0), (error) => {
          client.close();
          resolve(error?.code);
        });
      });
    // The server has no method: that it says so shows that the connection stood.
    expect(await codeWith(made.certificate)).toBe(grpc.status.UNIMPLEMENTED);
    expect(await codeWith(other.certificate)).toBe(grpc.status.UNAVAILABLE);
    // Another process: grpc-js reads the variable when it is loaded.
    const folder = await temporaryFolder();
    try {
      const codeInProcessWith = async (root: string) => {
        const file = path.join(folder.path, 'roots.pem');
        await writeFile(file, root);
        const { stdout } = await promisify(execFile)(process.execPath, ['-e', CALL, `127.0.0.1:${port}`], {
          cwd: path.resolve(__dirname, '../..'),
          env: { ...process.env, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: file },
        });
        return Number(stdout);
      };
      expect(await codeInProcessWith(made.certificate)).toBe(grpc.status.UNIMPLEMENTED);
      expect(await codeInProcessWith(other.certificate)).toBe(grpc.status.UNAVAILABLE);
    } finally {
      await folder.remove();
      server.forceShutdown();
    }
  });

  it('has no key usage, which OpenSSL would want to allow the signing of certificates in a root', async () => {
    const { certificate } = await createSelfSignedCertificate({ hostname: 'scoring.localhost' });
    const extensions = new x509.X509Certificate(certificate).extensions.map(({ type }) => type);
    // Basic constraints, extended key usage and subject alternative name.
    expect(extensions.sort()).toEqual(['2.5.29.17', '2.5.29.19', '2.5.29.37']);
  });

  it.each([
    [{ hostname: 'https://x' }, 'hostname is "https://x", expected a DNS name or IP address'],
    [
      { hostname: 'a.localhost', ipAddresses: ['localhost'] },
      'ipAddresses contains "localhost", expected an IP address such as',
    ],
    [
      { hostname: 'a.localhost', validityDays: 0 },
      'validityDays is 0; expected a whole number from 1 to 3650',
    ],
    [{ hostname: 'a.localhost', validityDays: 1.5 }, 'validityDays is 1.5; expected'],
  ])('rejects %j', async (options, message) => {
    const made = createSelfSignedCertificate(options);
    await expect(made).rejects.toBeInstanceOf(SelfSignedCertificateError);
    await expect(made).rejects.toThrow(message);
  });
});

describe('certificateSummary', () => {
  it('sums up a certificate', async () => {
    const { certificate } = await createSelfSignedCertificate({
      hostname: 'scoring.localhost',
      ipAddresses: ['::1'],
    });
    const summary = certificateSummary(certificate);
    expect(summary).toMatchObject({
      subject: 'CN=scoring.localhost',
      issuer: 'CN=scoring.localhost',
      names: ['scoring.localhost', '::1'],
      selfSigned: true,
    });
    expect(summary.sha256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });
});
