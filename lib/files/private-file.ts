import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/** Permissions of a file that holds a secret: its owner reads it, nobody else. */
export const PRIVATE_FILE = 0o600;
/** Permissions of a folder that holds such files. */
export const PRIVATE_FOLDER = 0o700;

/**
 * Writes a private file whole or not at all: a reader, or a crash, never meets half of it.
 */
export async function writePrivateFile(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', PRIVATE_FILE);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
