import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { dnsNameCovers, parseHostname } from '../../lib/tls';
import { issueCertificate } from '../support/certificates';

describe('dnsNameCovers', () => {
  it.each([
    ['scoring.example.com', 'scoring.example.com'],
    ['Scoring.EXAMPLE.com', 'scoring.example.com'],
    ['*.example.com', 'scoring.example.com'],
    ['*.EXAMPLE.com', 'scoring.example.com'],
    ['*.example.com', 'xn--bcher-kva.example.com'],
    ['localhost', 'localhost'],
  ])('%s covers %s', (pattern, hostname) => {
    expect(dnsNameCovers(pattern, hostname)).toBe(true);
  });

  it.each([
    ['*.example.com', 'example.com'],
    ['*.example.com', 'a.scoring.example.com'],
    ['*.example.com', '.example.com'],
    ['s*.example.com', 'scoring.example.com'],
    ['*coring.example.com', 'scoring.example.com'],
    ['scoring.*.com', 'scoring.example.com'],
    ['*.*.com', 'scoring.example.com'],
    ['*.com', 'example.com'],
    ['*', 'localhost'],
    ['*.localhost', 'scoring.localhost'],
    ['scoring.example.com', 'scoring.example.org'],
  ])('%s does not cover %s', (pattern, hostname) => {
    expect(dnsNameCovers(pattern, hostname)).toBe(false);
  });

  it('agrees with OpenSSL', async () => {
    const label = fc.stringMatching(/^[a-c]{1,2}$/);
    const names = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
    const star = fc.constantFrom('*', 'a*', '*a', 'b.*');
    const patterns = fc.sample(
      fc.oneof(
        names,
        fc.tuple(star, names).map(([s, name]) => `${s}.${name}`),
      ),
      {
        numRuns: 40,
        seed: 9525,
      },
    );
    for (const pattern of patterns) {
      const { certificate } = await issueCertificate({ names: [pattern] });
      const parsed = new X509Certificate(certificate);
      const related = names.map((name) => pattern.replace('*', name));
      fc.assert(
        fc.property(fc.oneof(names, related), (hostname) => {
          const byOpenssl = parsed.checkHost(hostname, { subject: 'never', partialWildcards: false });
          expect([pattern, hostname, dnsNameCovers(pattern, hostname)]).toEqual([
            pattern,
            hostname,
            byOpenssl !== undefined,
          ]);
        }),
        { numRuns: 50 },
      );
    }
  });

  it('covers with a star exactly the names with one more label, whatever the labels', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 2, maxLength: 4 }),
        fc.array(label, { maxLength: 3 }),
        (domain, below) => {
          const covered = dnsNameCovers(['*', ...domain].join('.'), [...below, ...domain].join('.'));
          expect(covered).toBe(below.length === 1);
        },
      ),
    );
  });
});

describe('parseHostname', () => {
  it.each([
    ['Scoring.Example.com.', 'dns', 'scoring.example.com'],
    ['bücher.example', 'dns', 'xn--bcher-kva.example'],
    ['127.0.0.1', 'ip', '127.0.0.1'],
    ['::1', 'ip', '::1'],
    ['[0:0:0:0:0:0:0:1]', 'ip', '::1'],
    ['2001:DB8::0001', 'ip', '2001:db8::1'],
    ['my_host.internal', 'dns', 'my_host.internal'],
  ])('reads %s', (text, kind, value) => {
    expect(parseHostname(text)).toEqual({ kind, value });
  });

  it.each([
    '',
    '.',
    'a b',
    'https://example.com',
    'example.com:443',
    '*.example.com',
    'a..b',
    '-a.com',
    '1.2.3',
  ])('rejects %j as a host name', (text) => {
    expect(parseHostname(text)).toBeUndefined();
  });

  it('never throws, and reads what it returned as the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.domain(), fc.ipV4(), fc.ipV6()), (text) => {
        const read = parseHostname(text);
        expect(read === undefined || parseHostname(read.value)?.value === read.value).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
