import path from 'node:path';

import { contentHash } from '../lib/files/folder-content';

const root = path.resolve(__dirname, '..');

/**
 * Returns a line with the hash and the name of each file or folder of the repository. A script compares it with that of its last
 * run to find out whether there is something to do.
 */
export function inputHashes(names: readonly string[]): string {
  return names.map((name) => `${contentHash(path.join(root, name))}  ${name}\n`).join('');
}
