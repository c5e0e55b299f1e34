import { DefaultTokenResolver, StringConcat, Token, Tokenization } from 'cdktf';
import type { IConstruct } from 'constructs';

import { outOfRange, type NumberRange } from '../../lib/validation/number-range';
import { originProblem } from '../../lib/validation/origin';
import { ConstructError } from './construct-error';

/**
 * Requires that a value is known at synth.
 * @param option name of the property
 * @internal
 */
export function requireKnown(scope: IConstruct, option: string, value: string | readonly string[]): void {
  const values = typeof value === 'string' ? [value] : value;
  if (Token.isUnresolved(value) || values.some((item) => Token.isUnresolved(item))) {
    throw new ConstructError(
      scope,
      `${option} is a token that is resolved only at apply, but its value is needed at synth; pass a literal string`,
    );
  }
}

/**
 * Requires that a number is in a range, if it is set and known at synth.
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
 * Requires that each value is the origin of a web page, if it is known at synth.
 * @param option name of the property
 * @internal
 */
export function requireOrigins(scope: IConstruct, option: string, origins: readonly string[] = []): void {
  const known =
    Token.isUnresolved(origins) || origins.some((origin) => Token.isUnresolved(origin)) ? [] : origins;
  const problem = originProblem(option, known);
  if (problem !== undefined) {
    throw new ConstructError(scope, problem);
  }
}

/**
 * Requires that a number, if it is set, is known at synth and in a range.
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
    throw new ConstructError(
      scope,
      `${option} is a token that is resolved only at apply; expected ${range.expected}`,
    );
  }
  requireNumber(scope, option, value, range);
}

/**
 * Requires that a string matches a pattern, if it is set and known at synth.
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
 * Returns whether two values are equal at apply. Tokens must be resolved to compare them, because each read of a resource
 * attribute returns a new token.
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
 * Returns the values that are set, each once: Azure rejects duplicates.
 * @internal
 */
export function withoutRepeats(scope: IConstruct, values: readonly (string | undefined)[]): string[] {
  const known = values.filter((value) => value !== undefined);
  return known.filter(
    (value, index) => known.findIndex((other) => isSameValue(scope, value, other)) === index,
  );
}

/**
 * Returns a value with its tokens resolved to references: the same text for the same value.
 * @internal
 */
export function resolved(scope: IConstruct, value: string): string {
  const resolver = new DefaultTokenResolver(new StringConcat());
  return JSON.stringify(Tokenization.resolve(value, { scope, resolver, preparing: false }));
}
