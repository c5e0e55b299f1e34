import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';

import { ConstructError } from './construct-error';

/**
 * Requires a value that is read or used at synth to be known then.
 * @param what the property
 * @internal
 */
export function requireKnown(scope: IConstruct, what: string, value: string | readonly string[]): void {
  const values = typeof value === 'string' ? [value] : value;
  if (Token.isUnresolved(value) || values.some((item) => Token.isUnresolved(item))) {
    throw new ConstructError(
      scope,
      `${what} is a value that Terraform knows only at apply, but it is used at synth; give it as plain text`,
    );
  }
}

/**
 * Requires a number to be acceptable, where it is given and known at synth.
 * @param what the property
 * @param expected what it must be, in words
 * @internal
 */
export function requireNumber(
  scope: IConstruct,
  what: string,
  value: number | undefined,
  expected: string,
  accepts: (value: number) => boolean,
): void {
  if (value !== undefined && !Token.isUnresolved(value) && !accepts(value)) {
    throw new ConstructError(scope, `${what} is ${value}; expected ${expected}`);
  }
}
