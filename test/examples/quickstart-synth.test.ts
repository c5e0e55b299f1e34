import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');
const example = path.join(root, 'examples/quickstart');
const tsx = require.resolve('tsx/cli');

/** Synthesizes a copy of the quickstart in a folder of its own and returns that folder. */
async function synthCopy(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const file of ['main.ts', 'cdktf.json']) {
    cpSync(path.join(example, file), path.join(folder, file));
  }
  for (const large of ['models', 'images']) {
    symlinkSync(path.join(example, large), path.join(folder, large));
  }
  await run(process.execPath, [tsx, 'main.ts'], { cwd: folder });
  return folder;
}

function stackJson(folder: string): string {
  return readFileSync(path.join(folder, 'cdktf.out/stacks/quickstart/cdk.tf.json'), 'utf8');
}

/** The files of a folder and below, relative to it. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

describe('the synthesized quickstart', () => {
  let parent: string;
  let folders: string[];

  beforeAll(async () => {
    // Below the repository, so that the example finds the package.
    const ignored = path.join(root, '.cdktf-brainwave/tests');
    mkdirSync(ignored, { recursive: true });
    parent = mkdtempSync(path.join(ignored, 'synth-'));
    folders = [];
    for (const name of ['here', 'some/where else/with "quotes" and ${more}']) {
      folders.push(await synthCopy(path.join(parent, name)));
    }
  });

  afterAll(() => {
    rmSync(parent, { recursive: true, force: true });
  });

  it('is the same, byte for byte, in two folders', () => {
    const [first, second] = folders.map((folder) => stackJson(folder));
    expect(second).toBe(first);
    expect(first).toContain('configure-workload');
    const [assets, others] = folders.map((folder) => listFiles(path.join(folder, 'cdktf.out/stacks')));
    expect(others).toEqual(assets);
  });

  it('contains no path of this machine', () => {
    const json = stackJson(folders[0]);
    for (const place of [root, parent, tmpdir(), `${homedir()}${path.sep}`, process.execPath]) {
      expect(json).not.toContain(place);
    }
    // No value, also none within JSON text, begins as an absolute path does. ("//" is where CDKTF has metadata.)
    expect(json).not.toMatch(/"\/(?!\/")/);
  });

  it('contains no key and no certificate', () => {
    expect(stackJson(folders[0])).not.toMatch(/-----BEGIN|PRIVATE KEY|CERTIFICATE/);
  });
});
