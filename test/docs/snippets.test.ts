import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { expectToCompile } from '../support/compile';
import { pages, snippetsOf } from '../support/snippets';

const root = path.resolve(__dirname, '../..');

describe('the code of the README and the documentation', () => {
  let project: string;

  beforeEach(() => {
    const parent = path.join(root, '.cdktf-brainwave/docs');
    mkdirSync(parent, { recursive: true });
    project = mkdtempSync(path.join(parent, 'project-'));
  });

  afterEach(() => {
    rmSync(project, { recursive: true, force: true });
  });

  it('compiles under strict, each block by itself', () => {
    const files = pages().flatMap((page) =>
      snippetsOf(page, 'ts').map(({ name, code }) => {
        const file = path.join(project, `${name}.ts`);
        writeFileSync(file, code);
        return file;
      }),
    );
    expect(files.length).toBeGreaterThan(10);
    expectToCompile(files);
  });
});
