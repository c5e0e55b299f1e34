import { createHash } from 'node:crypto';

/** Number of hexadecimal digits that identify content. */
const DIGITS = 12;

/**
 * Returns the default version of content: the beginning of its SHA-256, so that the same content has the same version.
 * @param sha256 hexadecimal
 * @internal
 */
export function contentVersion(sha256: string): string {
  return sha256.slice(0, DIGITS);
}

/** Returns the version of settings that are known at synth. @internal */
export function settingsVersion(settings: object): string {
  return contentVersion(createHash('sha256').update(JSON.stringify(settings)).digest('hex'));
}
