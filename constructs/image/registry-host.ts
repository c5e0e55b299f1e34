import { Fn, Token } from 'cdktf';

/**
 * Returns the registry host of an image reference.
 * @internal
 */
export function registryOf(imageUri: string): string {
  const [registry = '', ...path] = imageUri.split('/');
  // A reference that is a single token can be split only at apply.
  return path.length === 0 && Token.isUnresolved(imageUri)
    ? Token.asString(Fn.element(Fn.split('/', imageUri), 0))
    : registry;
}
