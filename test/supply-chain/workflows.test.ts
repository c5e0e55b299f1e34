import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { parse } from 'yaml';

const root = path.resolve(__dirname, '../..');
const folder = path.join(root, '.github/workflows');

interface Workflow {
  readonly permissions: Record<string, string>;
  readonly jobs: Record<string, { readonly steps: { readonly run?: string; readonly uses?: string }[] }>;
}

const workflows = readdirSync(folder).map((file): [string, Workflow] => [
  file,
  parse(readFileSync(path.join(folder, file), 'utf8')) as Workflow,
]);

describe.each(workflows)('the workflow %s', (_file, { permissions, jobs }) => {
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('can only read, unless a job asks for more', () => {
    expect(permissions).toEqual({ contents: 'read' });
  });

  it('runs scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/npm run (?:-\S+ )*([\w:-]+)/g)].map(([, name]) => name),
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('pins the version of each action', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.filter((action) => !/@v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });
});
