import { InvalidArgumentError } from 'commander';

import type { NumberRange } from '../validation/number-range';

/** Parser of a number option, for commander. */
export function numberOption({ accepts, expected }: NumberRange): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!accepts(value)) {
      throw new InvalidArgumentError(`Expected ${expected}.`);
    }
    return value;
  };
}
