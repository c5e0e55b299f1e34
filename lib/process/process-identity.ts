import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Checks that a process is the one that was started with an instance id. A process id alone is not enough: the system
 * reuses it after the process has ended, and the other process must not be signaled.
 * @param instance an argument on the process's command line that no other process has
 */
export async function isInstanceRunning(pid: number, instance: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return (await commandLine(pid)).includes(instance);
}

/**
 * Reads the start time of a process, in the system's own format. Together with the process id, which is reused, it
 * identifies a process.
 * @returns `undefined` if the process does not exist
 */
export async function processBeginning(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
    if (process.platform === 'linux') {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      // The name of the command may contain spaces and parentheses; the fields after it do not. Field 22 is the start time.
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    }
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Reads the command line of a process: arguments are separated by NUL on Linux, by spaces elsewhere. Empty if there is none. */
export async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') {
      return await readFile(`/proc/${pid}/cmdline`, 'utf8');
    }
    const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    return stdout;
  } catch {
    return '';
  }
}
