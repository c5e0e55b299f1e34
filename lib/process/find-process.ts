import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process of ours, as its command line tells. */
export interface FoundProcess {
  readonly pid: number;
  /** Its `--instance`, which no other process has. */
  readonly instance: string;
}

/** The serving processes that were started with this state file, whether or not there is such a file any more. */
export async function findServingProcesses(stateFile: string): Promise<FoundProcess[]> {
  const lines = process.platform === 'linux' ? await procCommandLines() : await psCommandLines();
  return lines.flatMap(({ pid, command }) => {
    const instance = / --instance ([\w-]+)(?: |$)/.exec(command)?.[1];
    return instance !== undefined && `${command} `.includes(` --state-file ${stateFile} `)
      ? [{ pid, instance }]
      : [];
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
