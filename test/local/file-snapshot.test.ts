import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { FileSnapshot } from '../../lib/local/file-snapshot';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';

let file: string;
let snapshot: FileSnapshot;

const stateOf = async () => ({
  content: await readFile(file, 'utf8'),
  mode: (await stat(file)).mode & 0o777,
});

beforeEach(async () => {
  const { path: folder, remove } = await temporaryFolder();
  afterwards(remove);
  file = path.join(folder, 'file');
  await writeFile(file, 'before');
  await chmod(file, 0o640);
  snapshot = await FileSnapshot.take([file]);
});

describe('a snapshot that is restored', () => {
  it('does not touch an unchanged file, including its permissions', async () => {
    const { ino } = await stat(file);
    await snapshot.restore();
    expect(await stat(file)).toMatchObject({ ino });
    expect(await stateOf()).toEqual({ content: 'before', mode: 0o640 });
  });

  it.each([
    ['whose content has changed', () => writeFile(file, 'after')],
    ['whose permissions have changed', () => chmod(file, 0o600)],
    ['that is gone', () => rm(file)],
  ])('restores a file %s', async (_, change) => {
    await change();
    await snapshot.restore();
    expect(await stateOf()).toEqual({ content: 'before', mode: 0o640 });
  });

  it('removes a file that did not exist before', async () => {
    const other = `${file}-2`;
    const without = await FileSnapshot.take([other]);
    await writeFile(other, 'after');
    await without.restore();
    await expect(stat(other)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
