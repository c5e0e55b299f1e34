import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';

const run = promisify(execFile);
const wholeFile = path.resolve(__dirname, '../../../dist/lib/files/whole-file.js');

/** Writes a megabyte over a file on a disk of 64 kB, and tells how that ended. */
const SCRIPT = `
  const { readFileSync, readdirSync } = require('node:fs');
  const { writeWholeFile } = require(process.argv[1]);
  const file = process.argv[2];
  writeWholeFile(file, 'former')
    .then(() => writeWholeFile(file, Buffer.alloc(2 ** 20)))
    .then(() => 'it was written', ({ code, message }) => ({ code, message }))
    .then((outcome) => {
      const left = readdirSync(require('node:path').dirname(file));
      console.log(JSON.stringify({ outcome, content: readFileSync(file, 'utf8'), left }));
    });
`;

it('a file on a disk that becomes full while it is written stays what it was, and the error says so', async () => {
  const { path: folder, remove } = await temporaryFolder();
  afterwards(remove);
  const file = path.join(folder, 'file');
  // A mount that nobody else sees, in a namespace of its own.
  const { stdout } = await run('unshare', [
    ...['--map-root-user', '--mount', 'sh', '-c'],
    'mount -t tmpfs -o size=64k none "$1" && exec "$2" -e "$3" "$4" "$5"',
    ...['sh', folder, process.execPath, SCRIPT, wholeFile, file],
  ]);

  expect(JSON.parse(stdout)).toEqual({
    outcome: {
      code: 'FILE_NOT_WRITTEN',
      message: `cannot write ${file}: the disk is full; free some space and retry (ENOSPC)`,
    },
    content: 'former',
    left: ['file'],
  });
});
