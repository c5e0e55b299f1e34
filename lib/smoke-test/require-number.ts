import { inputError } from './smoke-test-error';

/** Which numbers an option may be. */
export interface NumberRange {
  readonly fits: (value: number) => boolean;
  readonly expected: string;
}

export const fromZero: NumberRange = { fits: (value) => value >= 0, expected: 'a number from 0' };
export const aboveZero: NumberRange = { fits: (value) => value > 0, expected: 'a number above 0' };
export const wholeFrom = (least: number): NumberRange => ({
  fits: (value) => Number.isSafeInteger(value) && value >= least,
  expected: `a whole number from ${least}`,
});

/** @throws SmokeTestError SMOKE_TEST_INPUT for a number that an option cannot be */
export function requireNumber(
  name: string,
  value: number | undefined,
  { fits, expected }: NumberRange,
): void {
  if (value !== undefined && !(Number.isFinite(value) && fits(value))) {
    throw inputError(`${name} is ${value}; expected ${expected}`);
  }
}
