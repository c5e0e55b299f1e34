import { callerBehindProxy, cameWithoutTls, requirePrivateAddress } from '../../lib/serving/trusted-proxy';
import { propertyNames } from '../../lib/validation/option-names';

const machine = (...addresses: string[]) => ({ eth0: addresses.map((address) => ({ address })) });

describe('a server whose TLS a proxy terminates', () => {
  it.each([
    '127.0.0.1',
    'localhost',
    '10.0.0.4',
    '172.31.9.1',
    '192.168.1.2',
    '100.100.0.7',
    '::1',
    'fd00::1',
    'fe80::1',
  ])('listens on %s', (host) => {
    expect(() => {
      requirePrivateAddress(host, propertyNames, machine('203.0.113.9'));
    }).not.toThrow();
  });

  it.each([
    ['0.0.0.0', machine('10.0.0.4', '127.0.0.1')],
    ['::', machine('fd00::1', '::1', '10.0.0.4')],
  ])('listens on all addresses (%s) of a machine whose addresses are private', (host, interfaces) => {
    expect(() => {
      requirePrivateAddress(host, propertyNames, interfaces);
    }).not.toThrow();
  });

  it.each(['203.0.113.9', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2001:db8::7', '::ffff:203.0.113.9'])(
    'does not listen on the public address %s',
    (host) => {
      expect(() => {
        requirePrivateAddress(host, propertyNames, {});
      }).toThrow(
        `host is "${host}", a public address, but tlsTerminatedByProxy is set: callers that bypass the proxy would send their keys ` +
          'unencrypted; set host to the private address to which the proxy connects, or terminate TLS in the server',
      );
    },
  );

  it.each(['0.0.0.0', '::'])('does not listen on all addresses (%s) if one of them is public', (host) => {
    expect(() => {
      requirePrivateAddress(host, propertyNames, machine('10.0.0.4', '203.0.113.9'));
    }).toThrow(
      `host is "${host}", which includes the public address 203.0.113.9, but tlsTerminatedByProxy is set`,
    );
  });

  it('does not listen on a name, which may point anywhere', () => {
    expect(() => {
      requirePrivateAddress('scoring.example.com', propertyNames, {});
    }).toThrow(
      'host is "scoring.example.com", and tlsTerminatedByProxy is set, which requires an IP address; set the private address',
    );
  });
});

describe('the caller behind a proxy', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['1.1.1.1, 198.51.100.7', '198.51.100.7'],
    ['1.1.1.1,198.51.100.7:51234', '198.51.100.7'],
    ['[2001:db8::7]:51234', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
  ])('is the last address of x-forwarded-for: %s', (header, expected) => {
    expect(callerBehindProxy({ 'x-forwarded-for': header }, '10.0.0.4')).toBe(expected);
  });

  it.each([undefined, '', 'unknown', 'a, b'])('is the proxy itself if it reports %p', (header) => {
    expect(callerBehindProxy({ 'x-forwarded-for': header }, '10.0.0.4')).toBe('10.0.0.4');
  });

  it('came without TLS only if the proxy says so', () => {
    expect(
      ['http', 'HTTP', 'https, http', 'https', 'http, https', undefined].map((proto) =>
        cameWithoutTls({ 'x-forwarded-proto': proto }),
      ),
    ).toEqual([true, true, true, false, false, false]);
  });
});
