import { statSync } from 'node:fs';

/**
 * Describes why an input cannot be read, as finding and remedy. Returns `undefined` if it can be read.
 * @param option name of the option as the user set it
 * @param path relative to the working directory
 * @param kind expected kind; either if omitted
 */
export function unreadablePath(option: string, path: string, kind?: 'file' | 'folder'): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) {
    return `${option} is ${path}, which does not exist; set a path relative to the working directory`;
  }
  if (kind === 'file' && !found.isFile()) {
    return `${option} is ${path}, which is ${found.isDirectory() ? 'a folder' : 'not a file'}; set the path of a file`;
  }
  if (kind === 'folder' && !found.isDirectory()) {
    return `${option} is ${path}, which is ${found.isFile() ? 'a file' : 'not a folder'}; set the path of a folder`;
  }
  return undefined;
}
