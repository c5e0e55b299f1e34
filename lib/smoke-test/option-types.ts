import { inspect } from 'node:util';

import { unknownKey } from '../validation/known-keys';
import type { NumberRange } from '../validation/number-range';
import type { OptionNames } from '../validation/option-names';
import { SmokeTestOptionError } from './smoke-test-error';

/*
 * zod is not used here: it takes longer to load than a smoke test takes to run, which would slow down synth, and its
 * messages do not use the caller's option names.
 */

/** Placeholder for a value that is not known yet, such as a token that Terraform resolves. Every option accepts it. */
export const UNRESOLVED = Symbol('unresolved');

/** Validates and converts the value of an option. */
export type OptionType<T> = (value: unknown, option: Option) => T;

/** An option that is being parsed. */
export class Option {
  constructor(
    private readonly names: OptionNames,
    readonly path = '',
  ) {}

  get name(): string {
    return this.names(this.path);
  }

  property(key: string): Option {
    return new Option(this.names, this.path === '' ? key : `${this.path}.${key}`);
  }

  item(index: number): Option {
    return new Option(this.names, `${this.path}[${index}]`);
  }

  error(finding: string, remedy?: string): SmokeTestOptionError {
    return new SmokeTestOptionError(this.path, finding, { remedy });
  }

  unexpected(value: unknown, expected: string): SmokeTestOptionError {
    return this.error(`${this.name} is ${inspect(value)}; expected ${expected}`);
  }
}

export const string: OptionType<string> = (value, option) => {
  if (typeof value !== 'string') {
    throw option.unexpected(value, 'a string');
  }
  return value;
};

export const boolean: OptionType<boolean> = (value, option) => {
  if (typeof value !== 'boolean') {
    throw option.unexpected(value, 'true or false');
  }
  return value;
};

/** Accepts any value unchanged. */
export function any<T>(): OptionType<T> {
  return (value) => value as T;
}

/** Accepts a number or a numeric string: flags are strings, and Terraform converts numbers to strings in templates. */
export function number({ accepts, expected }: NumberRange): OptionType<number> {
  return (value, option) => {
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof parsed !== 'number' || !accepts(parsed)) {
      throw option.unexpected(Number.isNaN(parsed) ? value : parsed, expected);
    }
    return parsed;
  };
}

export function oneOf<T extends string>(...values: readonly T[]): OptionType<T> {
  return (value, option) => {
    if (!values.includes(value as T)) {
      throw option.unexpected(value, values.map((each) => `'${each}'`).join(' or '));
    }
    return value as T;
  };
}

export function list<T>(item: OptionType<T>): OptionType<T[]> {
  return (value, option) => {
    if (!Array.isArray(value)) {
      throw option.unexpected(value, 'a list');
    }
    return value.flatMap((each: unknown, index) =>
      each === UNRESOLVED ? [] : [item(each, option.item(index))],
    );
  };
}

/** Accepts an object with only these properties. Properties that are not set are omitted. */
export function object<T>(
  properties: { readonly [Key in keyof T]-?: OptionType<NonNullable<T[Key]>> },
  required: readonly (keyof T & string)[] = [],
): OptionType<T> {
  const types: Readonly<Record<string, OptionType<unknown>>> = properties;
  return (value, option) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw option.unexpected(value, 'an object');
    }
    const set = Object.entries(value).filter(([, each]) => each !== undefined);
    const unknown = set.find(([key]) => !Object.hasOwn(types, key));
    if (unknown) {
      const { option: path, finding, remedy } = unknownKey(unknown[0], Object.keys(types), option.path);
      throw new SmokeTestOptionError(path, finding, { remedy });
    }
    const missing = required.find((key) => !set.some(([other]) => other === key));
    if (missing !== undefined) {
      throw option.property(missing).error(`${option.property(missing).name} is missing`, 'set it');
    }
    return Object.fromEntries(
      set
        .filter(([, each]) => each !== UNRESOLVED)
        .map(([key, each]) => [key, types[key](each, option.property(key))]),
    ) as T;
  };
}
