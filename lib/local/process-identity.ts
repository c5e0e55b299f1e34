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
