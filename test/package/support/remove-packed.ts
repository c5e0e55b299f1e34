import { rm } from 'node:fs/promises';
import path from 'node:path';

import { packedLibrary } from './packed-library';

/** Removes what was packed for the tests. */
export default async function removePacked(): Promise<void> {
  await rm(path.dirname(packedLibrary().tarball), { recursive: true });
}
