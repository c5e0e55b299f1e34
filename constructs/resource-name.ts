import type { IConstruct } from 'constructs';

/**
 * A name made of a construct's path: lower-case letters, digits and hyphens. It stays the same from synth to
 * synth, and differs wherever the path does.
 * @internal
 */
export function nameFromPath(scope: IConstruct): string {
  return scope.node.path
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
}
