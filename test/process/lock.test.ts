import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { processBeginning } from '../../lib/process/process-identity';
import { withLock } from '../../lib/process/lock';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

let file: string;

beforeEach(async () => {
  const folder = await temporaryFolder();
  afterwards(folder.remove);
  file = path.join(folder.path, 'services/.scoring.lock');
});

const silent = (): void => undefined;

describe('a lock', () => {
  it('runs one task at a time, and leaves no files', async () => {
    let working = 0;
    let most = 0;
    const works = Array.from({ length: 10 }, (_, index) =>
      withLock(
        file,
        async () => {
          working += 1;
          most = Math.max(most, working);
          await new Promise((resolve) => setImmediate(resolve));
          working -= 1;
          return index;
        },
        silent,
      ),
    );
    expect(await Promise.all(works)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(most).toBe(1);
    expect(await readdir(path.dirname(file))).toEqual([]);
  });

  it('is released if the work fails', async () => {
    await expect(withLock(file, () => Promise.reject(new Error('failed')), silent)).rejects.toThrow('failed');
    await expect(withLock(file, () => Promise.resolve('next'), silent)).resolves.toBe('next');
  });

  it('of a running process is waited for, and acquired when the process has ended', async () => {
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    afterwards(() => holder.kill('SIGKILL'));
    const pid = holder.pid ?? 0;
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ pid, beginning: await processBeginning(pid), id: 'other' }));
    const waitedFor: number[] = [];
    let worked = false;
    const work = withLock(
      file,
      () => {
        worked = true;
        return Promise.resolve();
      },
      (other) => waitedFor.push(other),
    );
    await until(() => waitedFor.length > 0);
    expect({ waitedFor, worked }).toEqual({ waitedFor: [pid], worked: false });
    holder.kill('SIGKILL');
    await work;
    expect(worked).toBe(true);
  });

  it('of a process whose id another has now is taken over by one of many who wait', async () => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ pid: process.pid, beginning: 'long ago', id: 'other' }));
    let working = 0;
    const works = Array.from({ length: 10 }, () =>
      withLock(
        file,
        async () => {
          working += 1;
          await new Promise((resolve) => setImmediate(resolve));
          const alone = working === 1;
          working -= 1;
          return alone;
        },
        silent,
      ),
    );
    expect(await Promise.all(works)).toEqual(new Array(10).fill(true));
  });

  it('is taken over although who was breaking it was killed, too', async () => {
    await mkdir(path.dirname(file), { recursive: true });
    const dead = (id: string) => JSON.stringify({ pid: process.pid, beginning: 'long ago', id });
    await writeFile(file, dead('first'));
    await writeFile(`${file}.first.breaking`, dead('second'));
    await writeFile(`${file}.second.breaking`, dead('third'));
    await expect(withLock(file, () => Promise.resolve('mine'), silent)).resolves.toBe('mine');
    expect(await readdir(path.dirname(file))).not.toContain(path.basename(file));
  });

  it('that another holds by now is not taken from it', async () => {
    const other = { pid: process.pid, beginning: await processBeginning(process.pid), id: 'other' };
    await withLock(file, () => writeFile(file, JSON.stringify(other)), silent);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(other);
  });

  it('is broken by many processes at once, again and again, and never held by two', async () => {
    await mkdir(path.dirname(file), { recursive: true });
    let working = 0;
    let most = 0;
    for (let round = 0; round < 5; round += 1) {
      await writeFile(file, JSON.stringify({ pid: process.pid, beginning: 'long ago', id: `dead-${round}` }));
      const works = Array.from({ length: 8 }, () =>
        withLock(
          file,
          async () => {
            working += 1;
            most = Math.max(most, working);
            await new Promise((resolve) => setImmediate(resolve));
            working -= 1;
          },
          silent,
        ),
      );
      await Promise.all(works);
    }
    expect(most).toBe(1);
    expect(await readdir(path.dirname(file))).toEqual([]);
  });
});
