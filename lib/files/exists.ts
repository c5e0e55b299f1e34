import { access } from 'node:fs/promises';

/** Whether there is a file or a folder that this user can see. */
export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
