import { readFile } from 'node:fs/promises';

import { MissingPeerError } from './row';

/** Unit of the kernel's process statistics on every supported platform: 100 a second. */
const TICK_MS = 10;

/**
 * Returns the processor time that a process has used so far, in milliseconds.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @throws MissingPeerError on systems without /proc
 */
export async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => {
    throw new MissingPeerError('this system has no /proc');
  });
  // The name of the program, in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
