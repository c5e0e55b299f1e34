import fc from 'fast-check';

import { describeKeyProblem, KeyCheck, requireUsableKeys } from '../../lib/serving/key-check';

const keys = { primaryKey: 'the-primary-key', secondaryKey: 'the-secondary-key' };

describe.each(['bearer', 'bearer-or-bare'] as const)('a key check for %s keys', (format) => {
  const check = new KeyCheck(keys, format);

  it.each(Object.values(keys))('accepts "Bearer %s", whatever the case of Bearer', (key) => {
    expect([check.check(`Bearer ${key}`), check.check(`bearer  ${key}`)]).toEqual([undefined, undefined]);
  });

  it.each([undefined, '', 'Bearer '])('finds no key in %j', (authorization) => {
    expect(check.check(authorization)).toBe('missing');
  });

  it('rejects every other key', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,40}$/), (key) => {
        fc.pre(!Object.values(keys).includes(key));
        expect(check.check(`Bearer ${key}`)).toBe('wrong');
      }),
    );
  });
});

it('accepts a bare key only where the protocol has bare keys', () => {
  expect(new KeyCheck(keys, 'bearer-or-bare').check(keys.primaryKey)).toBeUndefined();
  expect(new KeyCheck(keys, 'bearer').check(keys.primaryKey)).toBe('missing');
});

it('reports what is wrong with a key and how keys are sent, and never shows one', () => {
  expect(describeKeyProblem('missing', '"authorization" metadata')).toBe(
    'the call has no key; send the primary or the secondary key as "authorization" metadata',
  );
  expect(describeKeyProblem('wrong', '"authorization" metadata')).toBe(
    'the key is invalid; send the primary or the secondary key of this service',
  );
  expect(() => {
    requireUsableKeys({ ...keys, secondaryKey: 'a secret' });
  }).toThrow(
    /^secondaryKey is not printable ASCII without spaces, so no client can send it; use random letters and digits$/,
  );
});
