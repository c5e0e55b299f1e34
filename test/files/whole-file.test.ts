import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { writePrivateFile } from '../../lib/files/secret-file';
import { makeFolder, writeWholeFile } from '../../lib/files/whole-file';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';

const compiled = path.resolve(__dirname, '../../dist/lib/files/whole-file.js');
const ROOT = 0;
const NOBODY = 65_534;

let folder: string;

beforeEach(async () => {
  const temporary = await temporaryFolder();
  afterwards(temporary.remove);
  folder = temporary.path;
});

interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Writes 100 kB to a file in a process that may not, and tells what went wrong. */
async function writeIn(shell: string, file: string, uid?: number): Promise<Refusal> {
  const script =
    `require(${JSON.stringify(compiled)}).writeWholeFile(process.argv[1], 'x'.repeat(100000))` +
    '.then(() => ({ code: "written" }), ({ code, message }) => ({ code, message }))' +
    '.then((outcome) => console.log(JSON.stringify(outcome)))';
  const child = spawn('sh', ['-c', `${shell} exec "$0" -e "$1" "$2"`, process.execPath, script, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid }),
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  return JSON.parse(output) as Refusal;
}

describe('a file that is written', () => {
  it('is written completely, replaces the previous file, and leaves no temporary file', async () => {
    const file = path.join(folder, 'file');
    await writeWholeFile(file, 'first');
    await writeWholeFile(file, 'second');
    expect(await readFile(file, 'utf8')).toBe('second');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('is private on request, even if the previous file was not', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, 'open', { mode: 0o644 });
    await writePrivateFile(file, 'closed');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('stays unchanged if the disk is full in the middle of the write', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, 'former');
    // A limit that any user may set: the write begins, and fails in the middle.
    expect(await writeIn('ulimit -f 8;', file)).toEqual({
      code: 'FILE_NOT_WRITTEN',
      message: `cannot write ${file}: the file exceeds the size limit; raise the limit (\`ulimit -f\`) (EFBIG)`,
    });
    expect(await readFile(file, 'utf8')).toBe('former');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('stays unchanged in a read-only folder', async () => {
    const closed = path.join(folder, 'closed');
    await mkdir(closed);
    const file = path.join(closed, 'file');
    await writeFile(file, 'former', { mode: 0o644 });
    await chmod(folder, 0o755);
    await chmod(closed, 0o555);
    // Root may write everywhere.
    const uid = process.getuid?.() === ROOT ? NOBODY : undefined;
    expect(await writeIn('', file, uid)).toEqual({
      code: 'FILE_NOT_WRITTEN',
      message:
        `cannot write ${file}: permission denied; ` +
        'change the owner or the permissions of the folder (EACCES)',
    });
    await chmod(closed, 0o755);
    expect(await readFile(file, 'utf8')).toBe('former');
    expect(await readdir(closed)).toEqual(['file']);
  });

  it('needs its folder', async () => {
    await expect(writeWholeFile(path.join(folder, 'none/file'), '')).rejects.toMatchObject({
      code: 'FILE_NOT_WRITTEN',
      message: expect.stringMatching(/the folder does not exist; create it first \(ENOENT\)$/) as string,
    });
  });
});

describe('a folder', () => {
  it('is created with its parent folders', async () => {
    await makeFolder(path.join(folder, 'a/b'), 0o700);
    expect((await stat(path.join(folder, 'a/b'))).mode & 0o777).toBe(0o700);
  });

  it('cannot be created in a file, which the message reports', async () => {
    await writeFile(path.join(folder, 'file'), '');
    await expect(makeFolder(path.join(folder, 'file/below'))).rejects.toMatchObject({
      code: 'FILE_NOT_WRITTEN',
      message: `cannot write ${path.join(folder, 'file/below')}: the parent path is a file, not a folder; choose another path (ENOTDIR)`,
    });
  });
});
