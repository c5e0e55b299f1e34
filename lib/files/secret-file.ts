import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';

import { BrainwaveError } from '../errors/brainwave-error';

/** A file that holds a secret lies open to others than its owner. */
export class SecretFileOpenError extends BrainwaveError {
  readonly code = 'SECRET_FILE_OPEN';
}

const OTHERS = 0o007;
const GROUP = 0o070;
const GROUP_WRITES = 0o030;
const PERMISSIONS = 0o777;

/**
 * Reads a file that holds a secret. Nobody but its owner may have any permission on it; the group may read one
 * that root owns, as PostgreSQL has it for its keys: so do files come that Kubernetes mounts for a user other
 * than root.
 * @param what what messages call it
 * @param holdsSecret tells from its content whether it holds a secret at all; @default every content is one
 * @throws SecretFileOpenError, and the system's error where the file cannot be read
 */
export async function readSecretFile(
  what: string,
  file: string,
  holdsSecret: (text: string) => boolean = () => true,
): Promise<string> {
  // The file that is checked is the one that is read, whatever its name leads to meanwhile.
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
 * Makes sure of a file's permissions without reading it. One that is not there is as good as closed.
 * @param what what messages call it
 * @throws SecretFileOpenError
 */
export async function requireClosedFile(what: string, file: string): Promise<void> {
  let stats: Stats;
  try {
    stats = await stat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return;
    }
    throw error;
  }
  refuseOpen(what, file, stats);
}

function refuseOpen(what: string, file: string, { mode, uid }: Stats): void {
  // Windows has no such permissions; Node makes them up.
  if (process.platform !== 'win32' && (mode & closedBits(uid)) !== 0) {
    throw new SecretFileOpenError(
      `the ${what} ${file} is open to others than its owner (mode 0${(mode & PERMISSIONS).toString(8)}); ` +
        `run \`chmod 600 ${file}\`, and take what it holds for known where others use this machine`,
    );
  }
}

function closedBits(owner: number): number {
  return OTHERS | (owner === 0 ? GROUP_WRITES : GROUP);
}
