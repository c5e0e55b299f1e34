import { createHash } from 'node:crypto';

/**
 * A name made of lower-case letters, digits and single hyphens, of at most so many characters. A text that had to
 * be cut gets a hash of the whole, so that two long ones stay apart. It begins with a letter.
 * @internal
 */
export function limitedName(text: string, maxLength: number): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const name = /^[a-z]/.test(plain) ? plain : `s-${plain}`;
  if (name.length <= maxLength && plain !== '') {
    return name;
  }
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 6);
  return `${name.slice(0, maxLength - 1 - hash.length).replace(/-+$/, '')}-${hash}`;
}
