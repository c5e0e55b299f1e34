import fc from 'fast-check';

import { wireVersion } from '../../lib/wire/model-version';

describe('a version on the wire', () => {
  it('is itself where it is a number', () => {
    fc.assert(
      fc.property(fc.nat(), (version) => {
        expect(wireVersion(String(version))).toBe(version);
      }),
    );
  });

  it('is a positive number that JavaScript holds exactly, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (version) => {
        const number = wireVersion(version);
        expect(Number.isSafeInteger(number) && number >= 0).toBe(true);
        expect(wireVersion(version)).toBe(number);
      }),
    );
  });
});
