import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');
const examples = path.join(root, 'examples');
const names = readdirSync(examples).filter((name) => existsSync(path.join(examples, name, 'main.ts')));

let parent: string;

beforeAll(() => {
  const ignored = path.join(root, '.cdktf-brainwave/tests');
  mkdirSync(ignored, { recursive: true });
  parent = mkdtempSync(path.join(ignored, 'examples-'));
});

afterAll(() => {
  rmSync(parent, { recursive: true, force: true });
});

/** Synthesizes a copy of an example, the other examples beside it. */
async function synth(name: string, place: string): Promise<Map<string, string>> {
  const folder = path.join(parent, place, name);
  cpSync(path.join(examples, name), folder, {
    recursive: true,
    filter: (file) => !/cdktf\.out|\.tfstate|\.terraform/.test(file),
  });
  for (const other of names.filter((candidate) => candidate !== name)) {
    const link = path.join(parent, place, other);
    if (!existsSync(link)) {
      symlinkSync(path.join(examples, other), link);
    }
  }
  await run(process.execPath, [require.resolve('tsx/cli'), 'main.ts'], { cwd: folder });
  const stacks = path.join(folder, 'cdktf.out/stacks');
  return new Map(
    readdirSync(stacks).map((stack) => [
      stack,
      readFileSync(path.join(stacks, stack, 'cdk.tf.json'), 'utf8'),
    ]),
  );
}

describe.each(names)('the example %s', (name) => {
  let here: Map<string, string>;
  let elsewhere: Map<string, string>;

  beforeAll(async () => {
    here = await synth(name, `${name}-here`);
    elsewhere = await synth(name, `${name} some/where else`);
  });

  it('synthesizes to the same bytes in two folders', () => {
    expect(here.size).toBeGreaterThan(0);
    expect([...elsewhere]).toEqual([...here]);
  });

  it('names no folder of this machine', () => {
    for (const json of here.values()) {
      expect(json).not.toContain(root);
      expect(json).not.toContain(`${homedir()}/`);
    }
  });

  it('holds no certificate, no private key and no default of a sensitive variable', () => {
    for (const json of here.values()) {
      expect(json).not.toMatch(/-----BEGIN [A-Z ]+-----/);
      const { variable = {} } = JSON.parse(json) as {
        variable?: Record<string, { sensitive?: boolean; default?: unknown }>;
      };
      const leaking = Object.entries(variable).filter(
        ([, { sensitive, default: value }]) => sensitive && value,
      );
      expect(leaking).toEqual([]);
    }
  });
});
