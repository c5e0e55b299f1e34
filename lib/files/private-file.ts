import { writeWholeFile } from './whole-file';

/** Permissions of a file that contains a secret: only its owner can read it. */
export const PRIVATE_FILE = 0o600;
/** Permissions of a folder that contains such files. */
export const PRIVATE_FOLDER = 0o700;

/**
 * Writes a private file atomically: neither a reader nor a crash leaves a partial file.
 * @throws FileWriteError if the file cannot be written
 */
export async function writePrivateFile(file: string, content: string | Uint8Array): Promise<void> {
  await writeWholeFile(file, content, PRIVATE_FILE);
}
