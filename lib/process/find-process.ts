import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { commandLine } from './process-identity';

const run = promisify(execFile);

/** A serving process of this library, identified by its command line. */
export interface FoundProcess {
  readonly pid: number;
  /** Value of `--instance`, which is unique to the process. */
  readonly instance: string;
  /** Value of `--state-file`; the file may no longer exist. */
  readonly stateFile: string;
}

/** Finds the serving processes that were started with a state file. */
export async function findServingProcesses(stateFile: string): Promise<FoundProcess[]> {
  return (await listServingProcesses()).filter((found) => found.stateFile === stateFile);
}

/** Lists all serving processes on this machine, of any project. */
export async function listServingProcesses(): Promise<FoundProcess[]> {
  const lines = process.platform === 'linux' ? await procCommandLines() : await psCommandLines();
  return lines.flatMap((line) => servingProcess(line) ?? []);
}

/** Returns a process if it is a serving one that was started with a state file. */
export async function findServingProcess(pid: number): Promise<FoundProcess | undefined> {
  return servingProcess({ pid, command: spaced(await commandLine(pid)) });
}

function servingProcess({ pid, command }: CommandLine): FoundProcess | undefined {
  // The last arguments of every detached process.
  const found = / --instance ([\w-]+) --state-file ([^]+)$/.exec(command);
  return found ? { pid, instance: found[1], stateFile: found[2] } : undefined;
}

function spaced(command: string): string {
  return command.replace(/\0$/, '').replaceAll('\0', ' ');
}

interface CommandLine {
  readonly pid: number;
  readonly command: string;
}

async function procCommandLines(): Promise<CommandLine[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      // A process that has ended in the meantime has no command line.
      const bytes = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), command: spaced(bytes) };
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
