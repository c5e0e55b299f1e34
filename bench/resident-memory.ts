import { readFile } from 'node:fs/promises';

import { MissingPeerError } from './row';

/**
 * Returns the resident memory of a process.
 * @throws MissingPeerError on systems without /proc
 */
export async function residentMebibytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => {
    throw new MissingPeerError('this system has no /proc');
  });
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
