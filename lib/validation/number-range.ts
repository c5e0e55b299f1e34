import { inspect } from 'node:util';

/** Numbers that an option accepts, as a predicate and as a description. */
export interface NumberRange {
  readonly accepts: (value: number) => boolean;
  /** Noun phrase for error messages, such as `a whole number from 1 to 65535`. */
  readonly expected: string;
}

/** Whole numbers between two limits, both inclusive. */
export function wholeNumber(minimum: number, maximum = Infinity): NumberRange {
  return {
    accepts: (value) => Number.isSafeInteger(value) && value >= minimum && value <= maximum,
    expected:
      maximum === Infinity
        ? `a whole number of at least ${minimum}`
        : `a whole number from ${minimum} to ${maximum}`,
  };
}

/** Finite numbers of at least a minimum. */
export function numberFrom(minimum: number): NumberRange {
  return {
    accepts: (value) => Number.isFinite(value) && value >= minimum,
    expected: `a number of at least ${minimum}`,
  };
}

/** Finite numbers greater than a limit, up to a maximum, inclusive. */
export function numberAbove(limit: number, maximum = Infinity): NumberRange {
  return {
    accepts: (value) => Number.isFinite(value) && value > limit && value <= maximum,
    expected: `a number greater than ${limit}${maximum === Infinity ? '' : ` and at most ${maximum}`}`,
  };
}

/** TCP ports that a client can connect to. */
export const PORT_NUMBER = wholeNumber(1, 65_535);

/** TCP ports that a server can listen on; 0 lets the system choose one. */
export const LISTENING_PORT = wholeNumber(0, 65_535);

/**
 * Describes a number outside of a range: `replicas is 0; expected a whole number of at least 1`. The caller throws an
 * error with this text.
 * @returns undefined if the number is in the range or the option is not set
 */
export function outOfRange(
  option: string,
  value: number | undefined,
  { accepts, expected }: NumberRange,
): string | undefined {
  if (value === undefined || accepts(value)) {
    return undefined;
  }
  // Callers without a type checker may pass strings, which must be shown with quotes.
  return `${option} is ${inspect(value)}; expected ${expected}`;
}
