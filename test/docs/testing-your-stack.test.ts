import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import * as testing from '../../constructs/testing';
import { expectToCompile } from '../support/compile';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');
const page = readFileSync(path.join(root, 'docs/testing-your-stack.md'), 'utf8');
const [snippet] = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code);

describe('the page on testing a stack of your own', () => {
  let project: string;

  beforeEach(() => {
    const parent = path.join(root, '.cdktf-brainwave/docs');
    mkdirSync(parent, { recursive: true });
    project = mkdtempSync(path.join(parent, 'project-'));
    symlinkSync(path.join(root, 'examples/quickstart/images'), path.join(project, 'images'));
  });

  afterEach(() => {
    rmSync(project, { recursive: true, force: true });
  });

  async function runTest(code: string): Promise<string> {
    writeFileSync(path.join(project, 'cats.test.ts'), code);
    const { stdout } = await run(process.execPath, [require.resolve('tsx/cli'), 'cats.test.ts'], {
      cwd: project,
    });
    return stdout;
  }

  it('shows a test that compiles and passes', async () => {
    expect(await runTest(snippet)).toMatch(/pass 1$/m);
    expectToCompile([path.join(project, 'cats.test.ts')]);
  });

  it('shows a test that fails if the service is not tested', async () => {
    const broken = snippet.replace(/^.*new SmokeTest\(.*$/m, '');
    expect(broken).not.toBe(snippet);

    await expect(runTest(broken)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('cats/Service: it has no SmokeTest') as unknown,
    });
  });

  it('lists everything that there is', () => {
    const listed = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);

    expect([...listed].sort()).toEqual(
      Object.keys(testing)
        .filter((name) => !name.endsWith('Error'))
        .sort(),
    );
  });
});
