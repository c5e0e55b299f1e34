import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LISTEN = '0A';

/** A process, by what may be shown of it: its arguments may hold secrets. */
export interface ListeningProcess {
  readonly pid: number;
  /** `node`, `python3`. */
  readonly name: string;
}

/**
 * Who listens on a TCP port of this machine.
 * @returns `undefined` where that is not known: another user's process is not shown to all
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

/** The sockets of a table as links in `/proc/<pid>/fd` name them. */
function listeningSockets(table: string, port: number): string[] {
  return table.split('\n').flatMap((line) => {
    // The kernel's columns: sl, local_address, rem_address, st, …; the tenth is the inode.
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
