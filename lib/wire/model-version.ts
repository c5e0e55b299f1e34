import { createHash } from 'node:crypto';

/**
 * Returns the number that represents a model version in TensorFlow Serving's protocol: the version itself if it is a
 * number, else the first 48 bits of its SHA-256, so that different versions have different numbers. Calls may pass
 * either the number as `version` or the original version as `version_label`.
 */
export function wireVersion(version: string): number {
  if (/^\d{1,15}$/.test(version)) {
    return Number(version);
  }
  return createHash('sha256').update(version).digest().readUIntBE(0, 6);
}
