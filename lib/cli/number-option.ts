import { InvalidArgumentError } from 'commander';

import type { NumberRange } from '../validation/number-range';

/** Returns a commander parser for a numeric option. */
export function numberOption({ accepts, expected }: NumberRange): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!accepts(value)) {
      throw new InvalidArgumentError(`Expected ${expected}.`);
    }
    return value;
  };
}
