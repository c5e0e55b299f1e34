import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A serving process of ours, as its command line tells. */
export interface FoundProcess {
  readonly pid: number;
  /** Its `--instance`, which no other process has. */
  readonly instance: string;
  /** Its `--state-file`, whether or not there is such a file any more. */
  readonly stateFile: string;
}

/** The serving processes that were started with this state file. */
export async function findServingProcesses(stateFile: string): Promise<FoundProcess[]> {
  return (await listServingProcesses()).filter((found) => found.stateFile === stateFile);
}

/** All serving processes on this machine, of any project. */
export async function listServingProcesses(): Promise<FoundProcess[]> {
  const lines = process.platform === 'linux' ? await procCommandLines() : await psCommandLines();
  return lines.flatMap(({ pid, command }) => {
    // The last arguments of a process that was started to outlive its starter.
    const found = / --instance ([\w-]+) --state-file ([^]+)$/.exec(command);
    return found ? [{ pid, instance: found[1], stateFile: found[2] }] : [];
  });
}

interface CommandLine {
  readonly pid: number;
  readonly command: string;
}

async function procCommandLines(): Promise<CommandLine[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      // One that has ended meanwhile has none.
      const bytes = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), command: bytes.replace(/\0$/, '').replaceAll('\0', ' ') };
    }),
  );
}

async function psCommandLines(): Promise<CommandLine[]> {
  const { stdout } = await run('ps', ['-ww', '-A', '-o', 'pid=,command=']);
  return stdout.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s(.*)$/.exec(line);
    return found ? [{ pid: Number(found[1]), command: found[2] }] : [];
  });
}
