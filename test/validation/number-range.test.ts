import * as fc from 'fast-check';

import {
  numberAbove,
  numberFrom,
  outOfRange,
  PORT_NUMBER,
  wholeNumber,
} from '../../lib/validation/number-range';

describe('wholeNumber', () => {
  it('accepts exactly the whole numbers between its limits, both included', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.oneof(fc.integer(), fc.double()), (minimum, size, value) => {
        const { accepts } = wholeNumber(minimum, minimum + size);
        expect([minimum, minimum + size, minimum - 1, minimum + size + 1].map(accepts)).toEqual([
          true,
          true,
          false,
          false,
        ]);
        expect(accepts(value)).toBe(
          Math.trunc(value) === value && value >= minimum && value <= minimum + size,
        );
      }),
    );
  });

  it('rejects NaN and infinity', () => {
    expect([NaN, Infinity, -Infinity, 1.5, 2 ** 53].filter(wholeNumber(1).accepts)).toEqual([]);
  });

  it('rejects a string of digits, which callers without a type checker pass', () => {
    expect(wholeNumber(1).accepts('5' as unknown as number)).toBe(false);
  });
});

describe('numberFrom and numberAbove', () => {
  it('differ in whether the limit itself is accepted', () => {
    expect([numberFrom(0).accepts(0), numberAbove(0).accepts(0)]).toEqual([true, false]);
    expect([numberFrom(0).accepts(0.5), numberAbove(0).accepts(0.5)]).toEqual([true, true]);
  });

  it('reject numbers that are not finite', () => {
    expect([NaN, Infinity].filter(numberFrom(0).accepts)).toEqual([]);
    expect([NaN, Infinity].filter(numberAbove(0).accepts)).toEqual([]);
  });
});

describe('outOfRange', () => {
  it.each([
    [wholeNumber(1), 0, 'replicas is 0; expected a whole number of at least 1'],
    [PORT_NUMBER, 65_536, 'replicas is 65536; expected a whole number from 1 to 65535'],
    [numberFrom(0), -1, 'replicas is -1; expected a number of at least 0'],
    [numberAbove(0), NaN, 'replicas is NaN; expected a number greater than 0'],
    [wholeNumber(1), '5' as unknown as number, "replicas is '5'; expected a whole number of at least 1"],
  ])('names the option, the value received and the values expected', (range, value, message) => {
    expect(outOfRange('replicas', value, range)).toBe(message);
  });

  it('accepts an option that is not set', () => {
    expect(outOfRange('replicas', undefined, wholeNumber(1))).toBeUndefined();
  });
});
