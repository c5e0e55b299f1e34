import { InvalidArgumentError } from 'commander';

/** Reads an option's value that must be a whole number, for commander. */
export function wholeNumber(least: number, most?: number): (value: string) => number {
  const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
  return (value) => {
    const number = Number(value);
    if (
      value.trim() === '' ||
      !Number.isSafeInteger(number) ||
      number < least ||
      (most !== undefined && number > most)
    ) {
      throw new InvalidArgumentError(`Expected a whole number ${range}.`);
    }
    return number;
  };
}
