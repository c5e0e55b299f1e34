import { writeWholeFile } from './whole-file';

/** Permissions of a file that holds a secret: its owner reads it, nobody else. */
export const PRIVATE_FILE = 0o600;
/** Permissions of a folder that holds such files. */
export const PRIVATE_FOLDER = 0o700;

/**
 * Writes a private file whole or not at all: a reader, or a crash, never meets half of it.
 * @throws FileWriteError
 */
export async function writePrivateFile(file: string, content: string | Uint8Array): Promise<void> {
  await writeWholeFile(file, content, PRIVATE_FILE);
}
