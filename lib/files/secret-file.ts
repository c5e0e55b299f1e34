import { open } from 'node:fs/promises';

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
    const { mode, uid } = await handle.stat();
    const text = await handle.readFile('utf8');
    // Windows has no such permissions; Node makes them up.
    if (process.platform !== 'win32' && (mode & closedBits(uid)) !== 0 && holdsSecret(text)) {
      throw new SecretFileOpenError(
        `the ${what} ${file} is open to others than its owner (mode 0${(mode & PERMISSIONS).toString(8)}); ` +
          `run \`chmod 600 ${file}\`, and take what it holds for known where others use this machine`,
      );
    }
    return text;
  } finally {
    await handle.close();
  }
}

function closedBits(owner: number): number {
  return OTHERS | (owner === 0 ? GROUP_WRITES : GROUP);
}
