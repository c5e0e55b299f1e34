import fc from 'fast-check';

import { encodeMessage, parseTimeout, shorten } from '../../../lib/server/transport/grpc-headers';

describe('grpc-message', () => {
  it('is printable ASCII, and decodes to the message', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (message) => {
        const encoded = encodeMessage(message);
        expect(encoded).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeURIComponent(encoded)).toBe(message);
      }),
    );
  });

  it('can be made of any text, even of half a surrogate pair', () => {
    expect(decodeURIComponent(encodeMessage('a\ud800b'))).toBe('a\ufffdb');
  });

  it('keeps what is readable readable', () => {
    expect(encodeMessage('unknown model "x"; 100%')).toBe('unknown model "x"; 100%25');
  });

  it('is never longer than a header may be', () => {
    expect(shorten('x'.repeat(1024))).toHaveLength(1024);
    expect(shorten('x'.repeat(100_000))).toBe(`${'x'.repeat(1023)}…`);
  });
});

describe('grpc-timeout', () => {
  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3000],
    ['4m', 4],
    ['5000u', 5],
    ['1u', 1],
    ['6000000n', 6],
    ['0S', 0],
    // setTimeout's limit, 24.8 days.
    ['99999999H', 2_147_483_647],
  ])('%s is %i ms', (header, expected) => {
    expect(parseTimeout(header)).toBe(expected);
  });

  it('may be left out', () => {
    expect(parseTimeout(undefined)).toBeUndefined();
  });

  it.each(['', '1', 'S', '-1S', '1.5S', '123456789S', '1s', ' 1S'])('"%s" is rejected', (header) => {
    expect(() => parseTimeout(header)).toThrow(
      `grpc-timeout is "${header}"; expected 1 to 8 digits and a unit: H, M, S, m, u or n`,
    );
  });
});
