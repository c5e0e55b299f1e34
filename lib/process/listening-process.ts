import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LISTEN = '0A';

/** Process ID and name. Arguments are omitted because they may contain secrets. */
export interface ListeningProcess {
  readonly pid: number;
  /** Name of the program, such as `node`. */
  readonly name: string;
}

/**
 * Finds the process that listens on a TCP port of this machine.
 * @returns `undefined` if unknown: processes of other users may be hidden
 */
export async function findListeningProcess(port: number): Promise<ListeningProcess | undefined> {
  return process.platform === 'linux' ? findByProc(port) : findByLsof(port);
}

async function findByProc(port: number): Promise<ListeningProcess | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readText(`/proc/net/${table}`)));
  const sockets = new Set(tables.flatMap((table) => listeningSockets(table, port)));
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
      if (sockets.has(target)) {
        return { pid: Number(pid), name: (await readText(`/proc/${pid}/comm`)).trim() };
      }
    }
  }
  return undefined;
}

/** Sockets of a kernel table, in the form of the links in `/proc/<pid>/fd`. */
function listeningSockets(table: string, port: number): string[] {
  return table.split('\n').flatMap((line) => {
    // Columns of the kernel table: sl, local_address, rem_address, st, …; the tenth is the inode.
    const columns = line.trim().split(/\s+/);
    const [, local = '', , state] = columns;
    return state === LISTEN && parseInt(local.split(':')[1], 16) === port ? [`socket:[${columns[9]}]`] : [];
  });
}

async function findByLsof(port: number): Promise<ListeningProcess | undefined> {
  try {
    const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
    const pid = /^p(\d+)$/m.exec(stdout)?.[1];
    return pid === undefined ? undefined : { pid: Number(pid), name: /^c(.*)$/m.exec(stdout)?.[1] ?? '' };
  } catch {
    return undefined;
  }
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
