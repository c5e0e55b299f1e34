import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';

import { BrainwaveError } from '../errors/brainwave-error';

/** A file or a folder cannot be written; what was there before is there still. */
export class FileWriteError extends BrainwaveError {
  readonly code = 'FILE_NOT_WRITTEN';

  /** Says what the operating system's error means, and how to mend it. */
  static from(error: unknown, file: string): FileWriteError {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = (code !== undefined && PROBLEMS.get(code)) ?? message;
    return new FileWriteError(`cannot write ${file}: ${problem}${code === undefined ? '' : ` (${code})`}`, {
      cause: error,
    });
  }
}

const PROBLEMS = new Map([
  ['ENOSPC', 'the disk is full; free some space and try again'],
  ['EDQUOT', 'the disk quota is used up; free some space and try again'],
  ['EFBIG', 'files may not become so large here; raise the limit (`ulimit -f`)'],
  ['EROFS', 'the file system is read-only; choose a folder that can be written'],
  ['EACCES', 'this user may not write there; change the folder’s owner or its permissions'],
  ['EPERM', 'this user may not write there; change the folder’s owner or its permissions'],
  ['ENOENT', 'its folder is not there; make it first'],
  ['ENOTDIR', 'its folder is a file; choose another'],
]);

/** Permissions of a file that everybody may read. */
const PUBLIC_FILE = 0o644;

/**
 * Writes a file whole or not at all: a reader, a full disk or a crash never leaves half of it. It is written beside
 * the former one, flushed to the disk, and then put in its place.
 * @throws FileWriteError
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
 * Makes a folder with those above it.
 * @throws FileWriteError
 */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode });
  } catch (error) {
    throw FileWriteError.from(error, folder);
  }
}

function ignore(): void {
  // A folder that cannot be written may not let go, either; the first failure is the one to tell.
}
