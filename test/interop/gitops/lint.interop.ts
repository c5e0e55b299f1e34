import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { temporaryFolder } from '../../support/temporary-folder';
import { installLinters, type Linters } from './linters';

const example = path.resolve(__dirname, '../../../examples/gitops');
const workflows = readdirSync(path.join(example, '.github/workflows'));
const scripts = readdirSync(path.join(example, 'scripts'));

let linters: Linters;
/** A repository with the example's workflows and scripts, and nothing around it. */
let repository: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  linters = await installLinters();
  ({ path: repository, remove } = await temporaryFolder());
  mkdirSync(path.join(repository, '.git'));
  for (const part of ['.github', 'scripts']) {
    cpSync(path.join(example, part), path.join(repository, part), { recursive: true });
  }
});

afterAll(async () => {
  await remove();
});

function lint(file: string, args: readonly string[]): Promise<{ failed: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd: repository }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr });
    });
  });
}

function actionlint(workflow: string): Promise<{ failed: boolean; output: string }> {
  const args = ['-no-color', '-shellcheck', linters.shellcheck, path.join('.github/workflows', workflow)];
  return lint(linters.actionlint, args);
}

it.each(workflows)('actionlint finds nothing wrong in %s', async (workflow) => {
  expect(await actionlint(workflow)).toEqual({ failed: false, output: '' });
});

it.each(scripts)('ShellCheck finds nothing wrong in %s', async (script) => {
  const args = ['--external-sources', '--source-path=scripts', path.join('scripts', script)];
  expect(await lint(linters.shellcheck, args)).toEqual({ failed: false, output: '' });
});

it('actionlint would find a wrong expression, and what is wrong in a step for the shell', async () => {
  const sound = readFileSync(path.join(repository, '.github/workflows/deploy.yml'), 'utf8');
  const broken = sound
    .replace('steps.apply.outcome', 'steps.aply.outcome')
    .replace('run: scripts/apply.sh', 'run: scripts/apply.sh $MISSING_QUOTES');
  writeFileSync(path.join(repository, '.github/workflows/broken.yml'), broken);

  const { failed, output } = await actionlint('broken.yml');

  expect(failed).toBe(true);
  expect(output).toContain('property "aply" is not defined');
  expect(output).toContain('SC2086');
});
