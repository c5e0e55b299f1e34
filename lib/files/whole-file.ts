import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';

import { BrainwaveError } from '../errors/brainwave-error';

/** A file or folder cannot be written. Existing content is unchanged. */
export class FileWriteError extends BrainwaveError {
  readonly code = 'FILE_NOT_WRITTEN';

  /** Explains the operating system's error and how to fix it. */
  static from(error: unknown, file: string): FileWriteError {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = (code !== undefined && PROBLEMS.get(code)) ?? message;
    return new FileWriteError(`cannot write ${file}: ${problem}${code === undefined ? '' : ` (${code})`}`, {
      cause: error,
    });
  }
}

const PROBLEMS = new Map([
  ['ENOSPC', 'the disk is full; free some space and retry'],
  ['EDQUOT', 'the disk quota is exhausted; free some space and retry'],
  ['EFBIG', 'the file exceeds the size limit; raise the limit (`ulimit -f`)'],
  ['EROFS', 'the file system is read-only; choose a writable folder'],
  ['EACCES', 'permission denied; change the owner or the permissions of the folder'],
  ['EPERM', 'permission denied; change the owner or the permissions of the folder'],
  ['ENOENT', 'the folder does not exist; create it first'],
  ['ENOTDIR', 'the parent path is a file, not a folder; choose another path'],
]);

/** Returns whether a file or folder was not found. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Permissions of a file that all users can read. */
const PUBLIC_FILE = 0o644;

/**
 * Writes a file atomically: a concurrent reader, a full disk or a crash never leaves a partial file. The content is
 * written to a temporary file in the same folder, flushed to disk and then renamed.
 * @throws FileWriteError if the file cannot be written
 */
export async function writeWholeFile(
  file: string,
  content: string | Uint8Array,
  mode = PUBLIC_FILE,
): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(ignore);
    throw FileWriteError.from(error, file);
  }
}

/**
 * Creates a folder and its parent folders.
 * @throws FileWriteError if a folder cannot be created
 */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode });
  } catch (error) {
    throw FileWriteError.from(error, folder);
  }
}

function ignore(): void {
  // In a folder that cannot be written, removing the file can fail as well. Report the first failure.
}
