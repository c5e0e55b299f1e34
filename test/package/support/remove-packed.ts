import { rm } from 'node:fs/promises';
import path from 'node:path';

import { packedLibrary } from './packed-library';

/** Removes what was packed for the tests, but not for a release. */
export default async function removePacked(): Promise<void> {
  if (process.env.PACK_DESTINATION === undefined) {
    await rm(path.dirname(packedLibrary().tarball), { recursive: true });
  }
}
