import { appendFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import { FileWriteError, writeWholeFile } from './whole-file';

/**
 * Writes to a path that the user chose. A regular file, or the target of a link, is replaced atomically. Anything else,
 * such as `/dev/stdout` or a named pipe, is opened and written to.
 * @throws FileWriteError if the path cannot be written
 */
export async function writeOutputFile(file: string, content: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (!found) {
    await writeWholeFile(file, content);
  } else if (found.isFile() && !isOpenFile(file)) {
    await writeWholeFile(await realpath(file), content);
  } else {
    await appendFile(file, content).catch((error: unknown) => {
      throw FileWriteError.from(error, file);
    });
  }
}

/** Paths of open file descriptors, such as `/dev/stdout`: replacing the file would not write to the descriptor. */
function isOpenFile(file: string): boolean {
  return /^\/(dev|proc)\//.test(path.resolve(file));
}
