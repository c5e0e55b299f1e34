import { createHash } from 'node:crypto';

import type { IConstruct } from 'constructs';

const MAX_LENGTH = 128;

/**
 * A name made of a construct's path: lower-case letters, digits and hyphens, at most 128. It stays the same from
 * synth to synth. Paths that differ only in what becomes a hyphen get the same name; one that is too long, or has
 * no letters or digits of ASCII, gets a hash.
 * @internal
 */
export function nameFromPath(scope: IConstruct): string {
  const { path } = scope.node;
  const name = path
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  if (name !== '' && name.length <= MAX_LENGTH) {
    return name;
  }
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 8);
  return name === '' ? hash : `${name.slice(0, MAX_LENGTH - 1 - hash.length)}-${hash}`;
}
