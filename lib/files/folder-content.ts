import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file in a folder. */
export interface FolderFile {
  /** Path relative to the folder, with forward slashes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files of a folder and its subfolders, sorted by name. */
export interface FolderContent {
  readonly files: readonly FolderFile[];
  /** SHA-256 of all names and contents: the same on every machine. */
  readonly sha256: string;
}

/** Artifacts of Python, notebooks, Git and macOS that are not deployed. */
const IGNORED = /^(__pycache__|\.git|\.ipynb_checkpoints|\.venv|\.DS_Store|.*\.pyc)$/;

/** Returns whether a file or folder is deployed with the folder that contains it. */
export function isContent(file: string): boolean {
  return !IGNORED.test(path.basename(file));
}

/** Reads a folder with its subfolders. */
export function readFolder(folder: string): FolderContent {
  const files = namesIn(folder, '')
    .sort((left, right) => (left < right ? -1 : 1))
    .map((name) => ({ name, bytes: readFileSync(path.join(folder, name)) }));
  return { files, sha256: hashOf(files) };
}

/** Returns the SHA-256 of a file, or of a folder as `readFolder` reads it. */
export function contentHash(fileOrFolder: string): string {
  return statSync(fileOrFolder).isDirectory()
    ? readFolder(fileOrFolder).sha256
    : hashOf([{ name: '', bytes: readFileSync(fileOrFolder) }]);
}

function hashOf(files: readonly FolderFile[]): string {
  const hash = createHash('sha256');
  for (const { name, bytes } of files) {
    // The length prefix separates the content of one file from the name of the next.
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function namesIn(root: string, folder: string): string[] {
  return readdirSync(path.join(root, folder))
    .filter(isContent)
    .flatMap((entry) => {
      const name = folder === '' ? entry : `${folder}/${entry}`;
      return statSync(path.join(root, name)).isDirectory() ? namesIn(root, name) : [name];
    });
}
