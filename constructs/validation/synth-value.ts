import { DefaultTokenResolver, StringConcat, Token, Tokenization } from 'cdktf';
import type { IConstruct } from 'constructs';

import { outOfRange, type NumberRange } from '../../lib/validation/number-range';
import { ConstructError } from './construct-error';

/**
 * Requires a value that is read or used at synth to be known then.
 * @param option name of the property
 * @internal
 */
export function requireKnown(scope: IConstruct, option: string, value: string | readonly string[]): void {
  const values = typeof value === 'string' ? [value] : value;
  if (Token.isUnresolved(value) || values.some((item) => Token.isUnresolved(item))) {
    throw new ConstructError(
      scope,
      `${option} is a value that Terraform knows only at apply, but it is used at synth; give it as plain text`,
    );
  }
}

/**
 * Requires a number to be in a range if it is set and known at synth.
 * @param option name of the property
 * @internal
 */
export function requireNumber(
  scope: IConstruct,
  option: string,
  value: number | undefined,
  range: NumberRange,
): void {
  const problem = Token.isUnresolved(value) ? undefined : outOfRange(option, value, range);
  if (problem !== undefined) {
    throw new ConstructError(scope, problem);
  }
}

/**
 * Requires a number to be in a range, and to be known at synth, if it is set.
 * @param option name of the property
 * @internal
 */
export function requireKnownNumber(
  scope: IConstruct,
  option: string,
  value: number | undefined,
  range: NumberRange,
): void {
  if (Token.isUnresolved(value)) {
    throw new ConstructError(scope, `${option} is known at apply only; expected ${range.expected}`);
  }
  requireNumber(scope, option, value, range);
}

/**
 * Requires text to match a pattern if it is set and known at synth.
 * @param option name of the property
 * @param expected noun phrase for the message
 * @internal
 */
export function requirePattern(
  scope: IConstruct,
  option: string,
  value: string | undefined,
  pattern: RegExp,
  expected: string,
): void {
  if (value !== undefined && !Token.isUnresolved(value) && !pattern.test(value)) {
    throw new ConstructError(scope, `${option} is "${value}"; expected ${expected}`);
  }
}

/**
 * Whether two values are equal at apply. Tokens have to be resolved for this: each read of a resource attribute
 * returns another token.
 * @internal
 */
export function isSameValue(scope: IConstruct, left: string, right: string): boolean {
  if (left === right) {
    return true;
  }
  return (
    (Token.isUnresolved(left) || Token.isUnresolved(right)) &&
    resolved(scope, left) === resolved(scope, right)
  );
}

/**
 * A value with the references that its tokens stand for: the same text for the same value.
 * @internal
 */
export function resolved(scope: IConstruct, value: string): string {
  const resolver = new DefaultTokenResolver(new StringConcat());
  return JSON.stringify(Tokenization.resolve(value, { scope, resolver, preparing: false }));
}
