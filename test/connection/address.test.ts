import fc from 'fast-check';

import { formatAddress, parseAddress } from '../../lib/connection/address';
import { InvalidInputError } from '../../lib/errors/prediction-errors';

describe('an address', () => {
  it.each([
    ['scoring.example:50051', { host: 'scoring.example', port: 50051 }],
    ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
    ['scoring.example', { host: 'scoring.example', port: 443 }],
    ['[::1]:50051', { host: '::1', port: 50051 }],
    ['[::1]', { host: '::1', port: 443 }],
    ['::1', { host: '::1', port: 443 }],
  ])('is read from %s', (text, address) => {
    expect(parseAddress(text, 443)).toEqual(address);
  });

  it('formats what it parses', () => {
    const hosts = fc.oneof(fc.domain(), fc.ipV4(), fc.constantFrom('::1', '2001:db8::7'));
    fc.assert(
      fc.property(fc.record({ host: hosts, port: fc.integer({ min: 1, max: 65_535 }) }), (address) => {
        expect(parseAddress(formatAddress(address), 1)).toEqual(address);
      }),
    );
  });

  it.each([
    '',
    'https://scoring.example',
    'scoring.example:443/path',
    'a b:1',
    'host:',
    'host:port',
    'user@host:1',
  ])('is rejected with the expected format: %j', (text) => {
    expect(() => parseAddress(text, 443)).toThrow(
      new InvalidInputError(
        `got the address "${text}", expected host:port; ` +
          'omit the scheme and any path, and put IPv6 addresses in brackets: [::1]:50051',
      ),
    );
  });

  it.each(['host:0', 'host:65536'])('is rejected with an invalid port: %s', (text) => {
    expect(() => parseAddress(text, 443)).toThrow(
      `got port ${text.slice(5)} in the address "${text}", expected a whole number from 1 to 65535`,
    );
  });

  it('is rejected with a name in brackets', () => {
    expect(() => parseAddress('[host]:1', 443)).toThrow(
      'got "host" in brackets, expected an IPv6 address: [::1]:50051',
    );
  });
});
