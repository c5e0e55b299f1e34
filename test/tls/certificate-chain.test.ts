import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { CertificateFormatError, parseCertificateChain } from '../../lib/tls';
import { createAuthority, derOf, issueCertificate } from '../support/certificates';

async function chainOfTwo() {
  const root = await createAuthority({ name: 'Root' });
  const issuer = await createAuthority({ name: 'Intermediate', issuer: root });
  return issueCertificate({ names: ['scoring.example.com'], issuer });
}

function errorOf(text: string): CertificateFormatError {
  try {
    parseCertificateChain(text);
  } catch (error) {
    if (error instanceof CertificateFormatError) {
      return error;
    }
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parseCertificateChain', () => {
  it("reads a chain in the file's order", async () => {
    const { chain } = await chainOfTwo();
    const subjects = parseCertificateChain(chain).map(({ subject }) => subject);
    expect(subjects).toEqual(['CN=scoring.example.com', 'O=Test\nCN=Intermediate']);
  });

  it('reads a file with text around its blocks, Windows line ends, and parameters next to them', async () => {
    const { chain } = await chainOfTwo();
    const text = `Certificate:\n  Data: …\n${chain}-----BEGIN DH PARAMETERS-----\nMAYC\n-----END DH PARAMETERS-----\n`;
    expect(parseCertificateChain(text)).toHaveLength(2);
    expect(parseCertificateChain(text.replaceAll('\n', '\r\n'))).toHaveLength(2);
  });

  it('reports how to convert DER, however it was read', async () => {
    const { certificate } = await chainOfTwo();
    for (const encoding of ['utf8', 'latin1'] as const) {
      const error = errorOf(derOf(certificate).toString(encoding));
      expect(error.code).toBe('CERTIFICATE_FORMAT');
      expect(error.message).toBe(
        'certificate is unusable: got DER (binary), expected PEM text with one or more ' +
          "-----BEGIN CERTIFICATE----- blocks, starting with the server's certificate; convert it with " +
          '`openssl x509 -inform der -in cert.der -out cert.pem`',
      );
    }
  });

  it('reports that a private key was given instead, without showing it', async () => {
    const { privateKey } = await chainOfTwo();
    const error = errorOf(privateKey);
    expect(error.message).toContain('got a private key, expected PEM text');
    expect(error.message).toContain('the two may be swapped');
    expect(error.message).not.toContain(privateKey.split('\n')[1]);
    expect(errorOf(derOf(privateKey).toString('utf8')).got).toBe('a private key in DER (binary)');
    const { privateKey: sec1 } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'sec1', format: 'der' },
    });
    // A short DER length is one byte, so that the text begins as ASCII does: still not taken for PEM.
    expect(errorOf(sec1.toString('latin1')).message).toContain('expected PEM text');
  });

  it('rejects a private key in the chain, which the server sends to every client', async () => {
    const { chain, privateKey } = await chainOfTwo();
    expect(errorOf(chain + privateKey).message).toContain('got a private key together with the certificates');
  });

  it.each([
    ['', 'empty text', 'check that the file was written'],
    [' \n', 'empty text', 'check that the file was written'],
    ['tls/cert.pem', 'a file path', 'pass the content of the file'],
    ['hello world', 'text that is not PEM', 'openssl x509 -in cert.pem -noout -text'],
    [
      '-----BEGIN PKCS7-----\nMA==\n-----END PKCS7-----\n',
      'a PKCS#7 bundle (.p7b)',
      'openssl pkcs7 -print_certs',
    ],
    [
      '-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----\n',
      'a certificate signing request',
      'pass the certificate that it issues',
    ],
    [
      '-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----\n',
      'a PEM block of type "PUBLIC KEY"',
      'pass the file that contains the certificate',
    ],
    [
      '-----BEGIN TRUSTED CERTIFICATE-----\nMA==\n-----END TRUSTED CERTIFICATE-----\n',
      "a certificate in OpenSSL's TRUSTED CERTIFICATE format",
      'openssl x509 -in cert.pem -out plain.pem',
    ],
    [
      '0\ufffd\n\u0012\u0002\u0001\u00030\ufffd',
      'a PKCS#12 bundle (.pfx, .p12)',
      'openssl pkcs12 -in cert.pfx -nokeys -out cert.pem',
    ],
  ])('reports what %j is', (text, got, remedy) => {
    const error = errorOf(text);
    expect(error.got).toBe(got);
    expect(error.message).toContain(remedy);
  });

  it('reports what was done to a certificate on its way', async () => {
    const { certificate } = await chainOfTwo();
    const done: [string, string][] = [
      [certificate.replaceAll('\n', '\\n'), 'PEM on one line, with "\\n" written out as two characters'],
      [certificate.replaceAll(/^/gm, '  '), 'PEM with other text on the BEGIN line'],
      [`\ufeff${certificate}`, 'PEM with other text on the BEGIN line'],
      [Buffer.from(certificate, 'utf16le').toString('utf8'), 'UTF-16 text'],
      [derOf(certificate).toString('base64'), 'base64 without its BEGIN and END lines'],
      [certificate.slice(0, 300), 'a certificate block without an -----END CERTIFICATE----- line'],
      [certificate.replace(/MII?/, 'AAA'), 'a certificate block that cannot be decoded'],
    ];
    for (const [text, got] of done) {
      expect(errorOf(text).got).toBe(got);
    }
    expect(errorOf(certificate + certificate.slice(0, 300)).got).toBe(
      'certificate block 2 of 2 without an -----END CERTIFICATE----- line',
    );
  });

  it('answers any text with certificates or with its own error', async () => {
    const { chain } = await chainOfTwo();
    const pieces = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '-----BEGIN CERTIFICATE-----\n',
        '-----END CERTIFICATE-----\n',
        '-----',
        '\n',
        'MIIB',
        chain,
      ),
    );
    const damaged = fc
      .tuple(fc.nat(chain.length), fc.nat(20), fc.string())
      .map(([at, length, text]) => chain.slice(0, at) + text + chain.slice(at + length));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces).map((parts) => parts.join('')),
          damaged,
        ),
        (text) => {
          let outcome: unknown;
          try {
            outcome = parseCertificateChain(text)[0];
          } catch (error) {
            outcome = error;
          }
          expect(outcome instanceof X509Certificate || outcome instanceof CertificateFormatError).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
