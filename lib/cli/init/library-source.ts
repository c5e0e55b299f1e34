import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Where npm records what it installed into a `node_modules` folder. */
const HIDDEN_LOCK_FILE = '.package-lock.json';

interface HiddenLockFile {
  readonly packages: Readonly<Record<string, { readonly resolved?: string | undefined }>>;
}

/**
 * Returns the tarball or checkout that the running library comes from, as a specification for npm, or undefined if it comes from a
 * registry.
 * @param libraryRoot folder of the library's `package.json`
 */
export function librarySource(libraryRoot: string): string | undefined {
  const modules = path.dirname(libraryRoot);
  if (path.basename(modules) !== 'node_modules') {
    return `file:${libraryRoot}`;
  }
  const resolved =
    readHiddenLockFile(modules)?.packages[`node_modules/${path.basename(libraryRoot)}`]?.resolved;
  if (resolved?.startsWith('file:') !== true) {
    return undefined;
  }
  return `file:${path.resolve(path.dirname(modules), resolved.slice('file:'.length))}`;
}

/** Other package managers write no such file. */
function readHiddenLockFile(modules: string): HiddenLockFile | undefined {
  try {
    return JSON.parse(readFileSync(path.join(modules, HIDDEN_LOCK_FILE), 'utf8')) as HiddenLockFile;
  } catch {
    return undefined;
  }
}
