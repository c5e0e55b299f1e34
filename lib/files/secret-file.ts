import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';

import { BrainwaveError } from '../errors/brainwave-error';
import { isMissing, writeWholeFile } from './whole-file';

/** A file that contains a secret is accessible to users other than its owner. */
export class SecretFileOpenError extends BrainwaveError {
  readonly code = 'SECRET_FILE_OPEN';
}

const OTHERS = 0o007;
const GROUP = 0o070;
const GROUP_WRITES = 0o030;
const PERMISSIONS = 0o777;

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

/**
 * Reads a file that contains a secret. Only its owner may have permissions on it. If root owns the file, its group may
 * read it, as PostgreSQL allows for its keys: this is how Kubernetes mounts secrets for users other than root.
 * @param what name of the file in messages
 * @param holdsSecret returns whether the content is a secret; @default - every content is a secret
 * @throws SecretFileOpenError if others have permissions on the file
 * @throws the system's error if the file cannot be read
 * @see https://www.postgresql.org/docs/current/ssl-tcp.html
 */
export async function readSecretFile(
  what: string,
  file: string,
  holdsSecret: (text: string) => boolean = () => true,
): Promise<string> {
  // Check and read through one file descriptor, so that a file replaced in between is not read unchecked.
  const handle = await open(file, 'r');
  try {
    const stats = await handle.stat();
    const text = await handle.readFile('utf8');
    if (holdsSecret(text)) {
      refuseOpen(what, file, stats);
    }
    return text;
  } finally {
    await handle.close();
  }
}

/**
 * Checks a file's permissions without reading it. A missing file passes.
 * @param what name of the file in messages
 * @throws SecretFileOpenError if others have permissions on the file
 */
export async function requireClosedFile(what: string, file: string): Promise<void> {
  let stats: Stats;
  try {
    stats = await stat(file);
  } catch (error) {
    if (isMissing(error)) {
      return;
    }
    throw error;
  }
  refuseOpen(what, file, stats);
}

function refuseOpen(what: string, file: string, { mode, uid }: Stats): void {
  // Windows does not have these permissions, and Node.js reports made-up values.
  if (process.platform !== 'win32' && (mode & closedBits(uid)) !== 0) {
    throw new SecretFileOpenError(
      `the ${what} ${file} is accessible to users other than its owner (mode 0${(mode & PERMISSIONS).toString(8)}); ` +
        `run \`chmod 600 ${file}\`, and replace the secret if other people use this machine`,
    );
  }
}

function closedBits(owner: number): number {
  return OTHERS | (owner === 0 ? GROUP_WRITES : GROUP);
}
