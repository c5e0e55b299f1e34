import { readdir, readFile } from 'node:fs/promises';

import { MissingPeerError } from './row';

/**
 * Returns the resident memory of a process and its descendants: some servers score in child processes.
 * @throws MissingPeerError on systems without /proc
 */
export async function residentMebibytes(pid: number): Promise<number> {
  const entries = await readdir('/proc').catch(() => {
    throw new MissingPeerError('this system has no /proc');
  });
  const statuses = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (entry) => {
        // A process can end in the meantime.
        const status = await readFile(`/proc/${entry}/status`, 'utf8').catch(() => '');
        const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
        return { pid: Number(entry), parent: field('PPid'), kibibytes: field('VmRSS') };
      }),
  );
  const sum = (id: number): number =>
    statuses
      .filter(({ parent }) => parent === id)
      .reduce(
        (total, child) => total + sum(child.pid),
        statuses.find((status) => status.pid === id)?.kibibytes ?? 0,
      );
  return sum(pid) / 1024;
}
