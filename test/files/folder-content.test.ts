import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { ScoringCode } from '../../constructs';
import { contentHash, isContent, readFolder } from '../../lib/files/folder-content';
import { temporaryFolder } from '../support/temporary-folder';

const SCRIPT = 'def init():\n    pass\n\ndef run(data):\n    return data\n';
const CONTENT = ['helpers/__init__.py', 'helpers/labels.py', 'linked/weights.txt', 'score.py'];
const LEFTOVERS = [
  '.git/HEAD',
  '.venv/bin/python',
  '.ipynb_checkpoints/score-checkpoint.py',
  '__pycache__/score.cpython-311.pyc',
  'helpers/__pycache__/labels.cpython-311.pyc',
  'helpers/.DS_Store',
  'score.pyc',
];

describe('the content of a code folder', () => {
  let root: Awaited<ReturnType<typeof temporaryFolder>>;
  let folder: string;

  beforeAll(async () => {
    root = await temporaryFolder();
    folder = path.join(root.path, 'code');
    for (const name of [...CONTENT.filter((each) => !each.startsWith('linked/')), ...LEFTOVERS]) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, name === 'score.py' ? SCRIPT : name);
    }
    mkdirSync(path.join(root.path, 'elsewhere'));
    writeFileSync(path.join(root.path, 'elsewhere/weights.txt'), '1 2 3');
    symlinkSync(path.join(root.path, 'elsewhere'), path.join(folder, 'linked'));
  });
  afterAll(() => root.remove());

  it('omits what Python, notebooks, Git and macOS leave behind, at any depth', () => {
    expect(readFolder(folder).files.map(({ name }) => name)).toEqual(CONTENT);
  });

  it('is the same for Azure ML, which receives the files, as for this machine, which copies the folder', () => {
    const copy = path.join(root.path, 'copy');
    // As a local endpoint copies it.
    cpSync(folder, copy, { recursive: true, dereference: true, filter: isContent });
    const copied = readdirSync(copy, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(copy, path.join(entry.parentPath, entry.name)));
    expect(copied.sort()).toEqual(CONTENT);
    const { sha256 } = new ScoringCode({ folder });
    expect([contentHash(folder), contentHash(copy)]).toEqual([sha256, sha256]);
  });
});
