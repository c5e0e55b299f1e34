import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file of a folder. */
export interface FolderFile {
  /** Relative to the folder, with forward slashes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The files of a folder, sorted by name. */
export interface FolderContent {
  readonly files: readonly FolderFile[];
  /** Of all names and contents: the same on every machine. */
  readonly sha256: string;
}

/** What Python, notebooks, Git and the Finder leave behind, and nobody means to deploy. */
const LEFT_OUT = /^(__pycache__|\.git|\.ipynb_checkpoints|\.venv|\.DS_Store|.*\.pyc)$/;

/**
 * Reads a folder with all the folders in it.
 * @internal
 */
export function readFolder(folder: string): FolderContent {
  const files = namesIn(folder, '')
    .sort((left, right) => (left < right ? -1 : 1))
    .map((name) => ({ name, bytes: readFileSync(path.join(folder, name)) }));
  const hash = createHash('sha256');
  for (const { name, bytes } of files) {
    // The length in front keeps one file's end and the next one's name apart.
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return { files, sha256: hash.digest('hex') };
}

function namesIn(root: string, folder: string): string[] {
  return readdirSync(path.join(root, folder))
    .filter((entry) => !LEFT_OUT.test(entry))
    .flatMap((entry) => {
      const name = folder === '' ? entry : `${folder}/${entry}`;
      return statSync(path.join(root, name)).isDirectory() ? namesIn(root, name) : [name];
    });
}
