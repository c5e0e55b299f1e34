import { appendFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import { FileWriteError, writeWholeFile } from './whole-file';

/**
 * Writes to where a user points. A file is replaced whole or not at all, a link's in its place; what is no file, such as
 * `/dev/stdout` or a named pipe, is written to and stays what it is.
 * @throws FileWriteError
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

/** What a process has open, by a name such as `/dev/stdout`: another file in its place would not be the open one. */
function isOpenFile(file: string): boolean {
  return /^\/(dev|proc)\//.test(path.resolve(file));
}
