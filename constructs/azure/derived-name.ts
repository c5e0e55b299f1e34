import { createHash } from 'node:crypto';

import type { IConstruct } from 'constructs';

/** What a derived name may look like. @internal */
export interface DerivedNameRule {
  readonly maxLength: number;
  /** Between words. */
  readonly separator: string;
  /** Whether the name must start with a letter. */
  readonly letterFirst: boolean;
}

/** @internal */
export const HASH_LENGTH = 8;

/**
 * Derives a name from a text such as the path of a construct: words of lowercase letters and digits. It is the same at
 * every synth. A hash of the text is added if the name would be too long, if `accepts` rejects it, or if the text has no
 * ASCII letters or digits. Texts that differ only in case or punctuation can get the same name.
 * @internal
 */
export function derivedName(
  text: string,
  rule: DerivedNameRule,
  accepts: (name: string) => boolean = () => true,
): string {
  const name = readableName(text, rule);
  if (wordsOf(text).length > 0 && name.length <= rule.maxLength && accepts(name)) {
    return name;
  }
  return withSuffix(text, rule, digestOf(text));
}

/**
 * `HASH_LENGTH` hexadecimal digits that identify a text.
 * @internal
 */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
}

/**
 * A derived name with a suffix of `HASH_LENGTH` characters, shortened to fit.
 * @internal
 */
export function withSuffix(text: string, rule: DerivedNameRule, suffix: string): string {
  const room = rule.maxLength - rule.separator.length - HASH_LENGTH;
  const name = readableName(text, rule)
    .slice(0, room)
    .replace(/[-_]+$/, '');
  return name === '' ? suffix : `${name}${rule.separator}${suffix}`;
}

/**
 * A name derived from a construct's path: lowercase letters, digits and hyphens, at most 128 characters.
 * @internal
 */
export function nameFromPath(scope: IConstruct): string {
  return derivedName(scope.node.path, { maxLength: 128, separator: '-', letterFirst: false });
}

/**
 * A name of lowercase letters, digits and hyphens that starts with a letter and has at most `maxLength` characters.
 * @internal
 */
export function limitedName(text: string, maxLength: number): string {
  return derivedName(text, { maxLength, separator: '-', letterFirst: true });
}

function readableName(text: string, { separator, letterFirst }: DerivedNameRule): string {
  const words = wordsOf(text);
  return (letterFirst && !/^[a-z]/.test(words[0] ?? '') ? ['n', ...words] : words).join(separator);
}

function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
