import { access } from 'node:fs/promises';

/** Returns whether a file or folder exists and is visible to this user. */
export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
