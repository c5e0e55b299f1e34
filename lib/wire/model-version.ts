import { createHash } from 'node:crypto';

/**
 * A model version as TensorFlow Serving's protocol carries it, which is a number: itself where it is one, and
 * otherwise the first 48 bits of its SHA-256, so that another version has another number. Calls may
 * ask by either: by the number as `version`, by the version as it was given as `version_label`.
 */
export function wireVersion(version: string): number {
  if (/^\d{1,15}$/.test(version)) {
    return Number(version);
  }
  return createHash('sha256').update(version).digest().readUIntBE(0, 6);
}
