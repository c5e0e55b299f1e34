import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Whether a process is the one that was started under this instance id. A process id alone proves nothing: the
 * system gives it to another process once the first has ended, and that one must not be signalled.
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
 * When a process began, in the system's own terms: together with its id it names one process, whatever id it
 * shares with one before it.
 * @returns `undefined` where there is no such process
 */
export async function processBeginning(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
    if (process.platform === 'linux') {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      // The command's name may hold spaces and brackets; what follows it does not. Field 22 is the start time.
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    }
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

async function commandLine(pid: number): Promise<string> {
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
