import { execFile } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { writeOutputFile } from '../../lib/files/output-file';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';

const compiled = path.resolve(__dirname, '../../dist/lib/files/output-file.js');
const run = promisify(execFile);

let folder: string;

beforeEach(async () => {
  const temporary = await temporaryFolder();
  afterwards(temporary.remove);
  folder = temporary.path;
});

describe('what is written where a user points', () => {
  it('replaces a file whole', async () => {
    const file = path.join(folder, 'report.json');
    await writeOutputFile(file, 'first, and long');
    await writeOutputFile(file, 'second');
    expect(await readFile(file, 'utf8')).toBe('second');
    expect(await readdir(folder)).toEqual(['report.json']);
  });

  it("goes through a link to the link's file, and the link stays one", async () => {
    const [file, link] = [path.join(folder, 'real.json'), path.join(folder, 'link.json')];
    await writeFile(file, 'former');
    await symlink('real.json', link);
    await writeOutputFile(link, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['link.json', 'real.json']);
  });

  it('goes into a named pipe, which stays one', async () => {
    const pipe = path.join(folder, 'pipe');
    await run('mkfifo', [pipe]);
    const reading = run('cat', [pipe]);
    await writeOutputFile(pipe, 'through the pipe');
    expect((await reading).stdout).toBe('through the pipe');
    expect((await lstat(pipe)).isFIFO()).toBe(true);
  });

  it.each([
    ['a pipe', '"$0" -e "$1" | cat'],
    ['a file', '"$0" -e "$1" > out; cat out'],
  ])('goes to standard output after what was printed, where that is %s', async (_, command) => {
    const script =
      "process.stdout.write('printed\\n');" +
      `require(${JSON.stringify(compiled)}).writeOutputFile('/dev/stdout', 'written\\n')`;
    const { stdout } = await run('sh', ['-c', command, process.execPath, script], { cwd: folder });
    expect(stdout).toBe('printed\nwritten\n');
  });

  it('leaves a device what it is', async () => {
    const before = await lstat('/dev/null');
    await writeOutputFile('/dev/null', 'nothing');
    const after = await lstat('/dev/null');
    expect([after.isCharacterDevice(), after.ino]).toEqual([true, before.ino]);
  });

  it('is rejected if a folder stands', async () => {
    const file = path.join(folder, 'reports');
    await mkdir(file);
    await expect(writeOutputFile(file, 'report')).rejects.toMatchObject({
      code: 'FILE_NOT_WRITTEN',
      message: expect.stringContaining(`cannot write ${file}: `) as string,
    });
  });
});
