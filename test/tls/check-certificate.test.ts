import fc from 'fast-check';
import { checkCertificate, type CertificateCheck } from '../../lib/tls';
import {
  createAuthority,
  derOf,
  encryptPrivateKey,
  issueCertificate,
  type Authority,
  type IssuedCertificate,
} from '../support/certificates';

const now = new Date('2026-06-01T12:00:00Z');
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);
const lasting = { notBefore: inDays(-300), notAfter: inDays(300) };

let root: Authority;
let intermediate: Authority;
let good: IssuedCertificate;

beforeAll(async () => {
  root = await createAuthority({ name: 'Test Root', ...lasting });
  intermediate = await createAuthority({ name: 'Test Intermediate', issuer: root, ...lasting });
  good = await issueCertificate({ names: ['scoring.example.com'], issuer: intermediate, ...lasting });
});

/** The problems of the good certificate, where nothing else is given. */
function problems(check: Partial<CertificateCheck> = {}) {
  return checkCertificate({ certificateChain: good.chain, now, ...check });
}

/** The one problem that there is. */
function problem(check: Partial<CertificateCheck> = {}) {
  const found = problems(check);
  expect(found).toHaveLength(1);
  return found[0];
}

describe('checkCertificate', () => {
  it('finds nothing wrong with a certificate that clients will accept', () => {
    const check = { privateKey: good.privateKey, hostname: 'scoring.example.com' };
    expect(problems(check)).toEqual([]);
    expect(problems({ ...check, rootCertificates: root.certificate })).toEqual([]);
    expect(problems({ ...check, certificateChain: good.chain + root.certificate })).toEqual([]);
  });

  describe('the private key', () => {
    it('must be the one of the certificate', async () => {
      const other = await issueCertificate({ names: ['scoring.example.com'], keyType: 'rsa' });
      const found = problem({ privateKey: other.privateKey });
      expect(found.code).toBe('PRIVATE_KEY_MISMATCH');
      expect(found.message).toBe(
        'certificate and private key do not match: the RSA key does not belong to certificate ' +
          '"scoring.example.com"; pass the key that was used to request this certificate (`openssl x509 -in ' +
          'cert.pem -noout -pubkey` and `openssl pkey -in key.pem -pubout` must print the same key)',
      );
    });

    it('fits where it does, whatever its kind', async () => {
      const rsa = await issueCertificate({ names: ['a.example.com'], keyType: 'rsa', issuer: intermediate });
      const found = checkCertificate({ certificateChain: rsa.chain, privateKey: rsa.privateKey });
      expect(found.map(({ code }) => code)).not.toContain('PRIVATE_KEY_MISMATCH');
    });

    it('cannot be encrypted', () => {
      const found = problem({ privateKey: encryptPrivateKey(good.privateKey) });
      expect(found.code).toBe('PRIVATE_KEY_ENCRYPTED');
      expect(found.message).toContain('private key is encrypted');
      expect(found.message).toContain('openssl pkey -in key.pem -out plain-key.pem');
      const legacy =
        '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMA==\n-----END RSA PRIVATE KEY-----\n';
      expect(problem({ privateKey: legacy }).code).toBe('PRIVATE_KEY_ENCRYPTED');
    });

    it('must be PEM, and is never shown', () => {
      const texts: [string, string][] = [
        ['', 'got empty text'],
        [
          good.certificate,
          'got a certificate, expected PEM text with a PRIVATE KEY block; pass the key file here',
        ],
        [derOf(good.privateKey).toString('utf8'), 'got DER (binary)'],
        [derOf(good.privateKey).toString('latin1'), 'openssl pkey -inform der -in key.der -out key.pem'],
        ['tls/key.pem', 'not its path'],
        [good.privateKey.replaceAll('\n', '\\n'), 'replace each "\\n" with a line break'],
        [good.privateKey.slice(0, 90), 'without an -----END PRIVATE KEY----- line'],
        [good.privateKey.replace(/MI../, 'AAAA'), 'got a PRIVATE KEY block that cannot be decoded'],
        ['-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----\n', 'type "PUBLIC KEY"'],
      ];
      const secret = good.privateKey.split('\n')[1].slice(8, 40);
      for (const [privateKey, expected] of texts) {
        const found = problem({ privateKey });
        expect(found.code).toBe('PRIVATE_KEY_FORMAT');
        expect(found.message).toContain(expected);
        expect(found.message).not.toContain(secret);
      }
    });
  });

  describe('the dates', () => {
    it('rejects an expired certificate', async () => {
      const { chain } = await issueCertificate({
        names: ['a.example.com'],
        issuer: intermediate,
        notBefore: inDays(-90),
        notAfter: inDays(-3),
      });
      const found = problem({ certificateChain: chain });
      expect(found.code).toBe('CERTIFICATE_EXPIRED');
      expect(found.message).toBe('certificate "a.example.com" expired on 2026-05-29, 3 days ago; renew it');
    });

    it('rejects a certificate that is about to expire, by the number of days given', async () => {
      const { chain } = await issueCertificate({
        names: ['a.example.com'],
        issuer: intermediate,
        notBefore: inDays(-80),
        notAfter: inDays(10),
      });
      const found = problem({ certificateChain: chain });
      expect(found.code).toBe('CERTIFICATE_EXPIRING');
      expect(found.message).toBe(
        'certificate "a.example.com" expires on 2026-06-11, in 10 days, expected at least 14 days; ' +
          'renew it, or lower minimumDaysToExpiry',
      );
      expect(problems({ certificateChain: chain, minimumDaysToExpiry: 10 })).toEqual([]);
      expect(problem({ certificateChain: chain, minimumDaysToExpiry: 11 }).code).toBe('CERTIFICATE_EXPIRING');
    });

    it('rejects a certificate that is not valid yet', async () => {
      const { chain } = await issueCertificate({
        names: ['a.example.com'],
        issuer: intermediate,
        notBefore: inDays(2),
        notAfter: inDays(90),
      });
      const found = problem({ certificateChain: chain });
      expect(found.code).toBe('CERTIFICATE_NOT_YET_VALID');
      expect(found.message).toContain(
        'is not valid before 2026-06-03T12:00:00.000Z, and the time is 2026-06-01T12:00:00.000Z',
      );
    });

    it('looks at the intermediates, too', async () => {
      const old = await createAuthority({
        name: 'Old Intermediate',
        issuer: root,
        notBefore: inDays(-300),
        notAfter: inDays(-1),
      });
      const { chain } = await issueCertificate({ names: ['a.example.com'], issuer: old, ...lasting });
      expect(problem({ certificateChain: chain }).message).toBe(
        `chain certificate "Old Intermediate" expired on 2026-05-31, 1 day ago; ` +
          "replace it with the authority's current certificate",
      );
    });
  });

  describe('the host name', () => {
    async function chainFor(names: string[], commonName?: string) {
      const { chain } = await issueCertificate({ names, commonName, issuer: intermediate, ...lasting });
      return chain;
    }

    it("must be among the certificate's names, which the message lists", async () => {
      const certificateChain = await chainFor(['a.example.com', '*.b.example.com', '10.0.0.1']);
      const found = problem({ certificateChain, hostname: 'scoring.example.com' });
      expect(found.code).toBe('HOSTNAME_NOT_COVERED');
      expect(found.message).toBe(
        'host name scoring.example.com is not covered by the certificate, which is valid for a.example.com, ' +
          '*.b.example.com, 10.0.0.1; call the server by a name that the certificate covers, or issue a certificate with ' +
          'the SAN DNS:scoring.example.com',
      );
    });

    it('is covered by a wildcard in the place of one label, no more', async () => {
      const certificateChain = await chainFor(['*.example.com']);
      expect(problems({ certificateChain, hostname: 'Scoring.Example.com.' })).toEqual([]);
      for (const hostname of ['example.com', 'a.scoring.example.com']) {
        const found = problem({ certificateChain, hostname });
        expect(found.code).toBe('HOSTNAME_NOT_COVERED');
        expect(found.message).toContain('the * in *.example.com stands for exactly one label');
      }
    });

    it('may be written in Unicode', async () => {
      const certificateChain = await chainFor(['xn--bcher-kva.example.com']);
      expect(problems({ certificateChain, hostname: 'bücher.example.com' })).toEqual([]);
    });

    it('may be an IP address, which only a SAN of type IP covers', async () => {
      const certificateChain = await chainFor(['127.0.0.1', '::1']);
      expect(problems({ certificateChain, hostname: '127.0.0.1' })).toEqual([]);
      expect(problems({ certificateChain, hostname: '[0:0:0:0:0:0:0:1]' })).toEqual([]);
      const other = await chainFor(['scoring.example.com']);
      const found = problem({ certificateChain: other, hostname: '127.0.0.1' });
      expect(found.message).toContain('an IP address is covered only by a SAN of type IP');
      expect(found.message).toContain('with the SAN IP:127.0.0.1');
    });

    it('does not count as the common name', async () => {
      const certificateChain = await chainFor([], 'scoring.example.com');
      const found = problem({ certificateChain, hostname: 'scoring.example.com' });
      expect(found.code).toBe('HOSTNAME_ONLY_IN_COMMON_NAME');
      expect(found.message).toBe(
        'certificate "scoring.example.com" has no Subject Alternative Names, expected them to include ' +
          'scoring.example.com; clients ignore the common name (scoring.example.com): reissue it with the SAN ' +
          'DNS:scoring.example.com',
      );
    });

    it('must be a host name', () => {
      const found = problem({ hostname: 'https://scoring.example.com' });
      expect(found.code).toBe('HOSTNAME_INVALID');
      expect(found.message).toContain('without a scheme, port or wildcard');
    });

    it('is not read out of another name in the certificate', async () => {
      const certificateChain = await chainFor(['a.example.com, DNS:scoring.example.com']);
      expect(problem({ certificateChain, hostname: 'scoring.example.com' }).code).toBe(
        'HOSTNAME_NOT_COVERED',
      );
    });

    it('shows ten names of a certificate with a hundred', async () => {
      const certificateChain = await chainFor(Array.from({ length: 100 }, (_, i) => `n${i}.example.com`));
      const { message } = problem({ certificateChain, hostname: 'scoring.example.com' });
      expect(message).toContain('n9.example.com and 90 more;');
    });
  });

  describe('the chain', () => {
    it("must begin with the server's certificate; the message says the right order", () => {
      const certificateChain = intermediate.certificate + good.certificate;
      for (const privateKey of [undefined, good.privateKey]) {
        const found = problem({ certificateChain, privateKey, hostname: 'scoring.example.com' });
        expect(found.code).toBe('CHAIN_OUT_OF_ORDER');
        expect(found.message).toBe(
          'certificate chain is out of order: got "Test Intermediate", "scoring.example.com", expected ' +
            '"scoring.example.com", "Test Intermediate": the server\'s certificate first, followed by the issuer of each; ' +
            'reorder the blocks of the file',
        );
      }
    });

    it('must hold the intermediate; the message names the one that is missing', () => {
      const found = problem({ certificateChain: good.certificate });
      expect(found.code).toBe('CHAIN_INCOMPLETE');
      expect(found.message).toBe(
        'certificate chain is incomplete: got only "scoring.example.com", expected it to be followed by its issuer ' +
          '(O=Test, CN=Test Intermediate), up to a certificate issued by a trusted root; append that certificate to the ' +
          'file (the authority\'s "full chain" file contains it), or, if that issuer is the root of your own authority, ' +
          'set rootCertificateFile to its file',
      );
    });

    it("may be the server's certificate alone where a trusted root issued it", async () => {
      const { chain } = await issueCertificate({ names: ['a.example.com'], issuer: root, ...lasting });
      expect(problem({ certificateChain: chain }).code).toBe('CHAIN_INCOMPLETE');
      expect(problems({ certificateChain: chain, rootCertificates: root.certificate })).toEqual([]);
    });

    it('is incomplete if a further intermediate is missing before the root', async () => {
      const deep = await createAuthority({ name: 'Deep Intermediate', issuer: intermediate, ...lasting });
      const leaf = await issueCertificate({ names: ['a.example.com'], issuer: deep, ...lasting });
      const certificateChain = leaf.certificate + deep.certificate;
      // Nobody can tell a missing intermediate from a private root here.
      expect(problems({ certificateChain })).toEqual([]);
      const checks = [
        { certificateChain, rootCertificates: root.certificate },
        { certificateChain: certificateChain + root.certificate },
      ];
      for (const check of checks) {
        const found = problem(check);
        expect(found.code).toBe('CHAIN_INCOMPLETE');
        expect(found.message).toContain('followed by its issuer (O=Test, CN=Test Intermediate)');
      }
      expect(problems({ certificateChain: leaf.chain, rootCertificates: root.certificate })).toEqual([]);
    });

    it('must end at one of the given roots', async () => {
      const other = await createAuthority({ name: 'Other Root', ...lasting });
      const found = problem({
        certificateChain: good.chain + root.certificate,
        rootCertificates: other.certificate,
      });
      expect(found.code).toBe('ROOT_NOT_TRUSTED');
      expect(found.message).toContain(
        'ends at "Test Root", which is not in rootCertificateFile ("Other Root")',
      );
    });

    it('detects an authority with the same name but another key', async () => {
      const impostor = await createAuthority({ name: 'Test Root', ...lasting });
      expect(problem({ rootCertificates: impostor.certificate }).code).toBe('CHAIN_INCOMPLETE');
    });

    it('contains nothing that does not belong to it', async () => {
      const stranger = await createAuthority({ name: 'Stranger', ...lasting });
      const certificateChain = good.chain + root.certificate;
      const found = problem({ certificateChain: certificateChain + stranger.certificate });
      expect(found.code).toBe('CHAIN_UNRELATED_CERTIFICATE');
      expect(found.message).toContain('contains "Stranger" (block 4 of 4), which issued none of the others');
      expect(problem({ certificateChain: certificateChain + good.certificate }).message).toBe(
        'certificate chain contains "scoring.example.com" twice, expected it once; remove block 4',
      );
    });

    it('may be a self-signed certificate only where that was asked for', async () => {
      const own = await issueCertificate({ names: ['scoring.localhost'], ...lasting });
      const found = problem({ certificateChain: own.chain });
      expect(found.code).toBe('SELF_SIGNED');
      expect(found.message).toContain('certificate "scoring.localhost" is self-signed');
      expect(problems({ certificateChain: own.chain, allowSelfSigned: true })).toEqual([]);
      expect(
        problems({ certificateChain: own.chain, allowSelfSigned: true, rootCertificates: own.certificate }),
      ).toEqual([]);
      expect(
        problem({ certificateChain: own.chain, allowSelfSigned: true, rootCertificates: root.certificate })
          .code,
      ).toBe('ROOT_NOT_TRUSTED');
    });
  });

  it('rejects a certificate that is not for servers', async () => {
    const { chain } = await issueCertificate({
      names: ['a.example.com'],
      issuer: intermediate,
      extendedKeyUsages: ['1.3.6.1.5.5.7.3.2'],
      ...lasting,
    });
    const found = problem({ certificateChain: chain });
    expect(found.code).toBe('NOT_A_SERVER_CERTIFICATE');
    expect(found.message).toContain(
      'its extended key usages are 1.3.6.1.5.5.7.3.2, expected them to include serverAuth',
    );
  });

  it('reports everything that is wrong at once', async () => {
    const { certificate } = await issueCertificate({
      names: ['a.example.com'],
      issuer: intermediate,
      notBefore: inDays(-90),
      notAfter: inDays(-3),
    });
    const found = problems({
      certificateChain: certificate,
      privateKey: good.privateKey,
      hostname: 'scoring.example.com',
      rootCertificates: 'roots.pem',
    });
    expect(found.map(({ code }) => code)).toEqual([
      'PRIVATE_KEY_MISMATCH',
      'CERTIFICATE_EXPIRED',
      'HOSTNAME_NOT_COVERED',
      'ROOT_CERTIFICATES_FORMAT',
      'CHAIN_INCOMPLETE',
    ]);
    expect(found[3].message).toContain('rootCertificateFile: certificate is unusable: got a file path');
  });

  it("reports a certificate that is not PEM as a problem, with the key's own next to it", () => {
    const found = problems({ certificateChain: good.privateKey, privateKey: good.certificate });
    expect(found.map(({ code }) => code)).toEqual(['CERTIFICATE_FORMAT', 'PRIVATE_KEY_FORMAT']);
  });

  it('never throws for any file content', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.nat(good.chain.length), fc.string()).map(([at, s]) => good.chain.slice(0, at) + s),
      fc
        .tuple(fc.nat(good.privateKey.length), fc.string())
        .map(([at, s]) => good.privateKey.slice(0, at) + s),
      fc.constantFrom(good.chain, good.privateKey),
    );
    fc.assert(
      fc.property(text, text, text, text, (certificateChain, privateKey, hostname, rootCertificates) => {
        const found = checkCertificate({ certificateChain, privateKey, hostname, rootCertificates, now });
        expect(found.length).toBeGreaterThan(0);
      }),
    );
  });
});
