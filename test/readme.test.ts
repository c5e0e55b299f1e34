import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { expectToCompile } from './support/compile';
import { applyDiff, snippetsOf } from './support/snippets';

const root = path.resolve(__dirname, '..');
const snippets = snippetsOf('README.md', 'ts').map(({ code }) => code);
const [moving, movingProject] = snippetsOf('docs/moving-to-azure.md', 'diff');

let project: string;

beforeAll(() => {
  const parent = path.join(root, '.cdktf-brainwave/readme');
  mkdirSync(parent, { recursive: true });
  project = mkdtempSync(path.join(parent, 'project-'));
  for (const folder of ['models', 'images']) {
    symlinkSync(path.join(root, 'examples/quickstart', folder), path.join(project, folder));
  }
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

describe("the README's code", () => {
  it('compiles under strict, all of it', () => {
    const files = snippets.map((code, index) => {
      const file = path.join(project, `snippet-${index}.ts`);
      writeFileSync(file, code);
      return file;
    });
    expect(files).toHaveLength(2);
    expectToCompile(files);
  });

  it('synthesizes the stack that it shows, with a smoke test that follows the service', () => {
    writeFileSync(path.join(project, 'main.ts'), snippets[0]);

    execFileSync(process.execPath, [require.resolve('tsx/cli'), 'main.ts'], { cwd: project });

    const json = JSON.parse(
      readFileSync(path.join(project, 'cdktf.out/stacks/scoring/cdk.tf.json'), 'utf8'),
    ) as {
      resource: { terraform_data: Record<string, { depends_on?: string[] }> };
    };
    const names = Object.keys(json.resource.terraform_data);
    const smokeTest = names.find((name) => name.startsWith('Classifier_SmokeTest_Run'))!;
    const service = names.find((name) => name.startsWith('Classifier_Service_Configuration'))!;
    expect(json.resource.terraform_data[smokeTest].depends_on).toEqual([`terraform_data.${service}`]);
  });

  it('synthesizes on AKS with the changes that docs/moving-to-azure.md shows, and no other', () => {
    const code = applyDiff(snippets[0], moving.code);
    const folder = path.join(project, 'azure');
    mkdirSync(folder);
    writeFileSync(
      path.join(folder, 'main.ts'),
      code.replaceAll("'models/", "'../models/").replaceAll("'images/", "'../images/"),
    );

    execFileSync(process.execPath, [require.resolve('tsx/cli'), 'main.ts'], { cwd: folder });

    const json = readFileSync(path.join(folder, 'cdktf.out/stacks/scoring/cdk.tf.json'), 'utf8');
    const types = Object.keys((JSON.parse(json) as { resource: object }).resource);
    expect(types).toEqual(
      expect.arrayContaining(['azapi_resource', 'azurerm_kubernetes_cluster', 'terraform_data']),
    );
  });
});

describe('a project that init creates', () => {
  it('passes its own test on AKS with the changes that docs/moving-to-azure.md shows', () => {
    const folder = path.join(project, 'init');
    cpSync(path.join(root, 'templates/project'), folder, { recursive: true });
    const file = path.join(folder, 'scoring-stack.ts');
    writeFileSync(file, applyDiff(readFileSync(file, 'utf8'), movingProject.code));

    const tests = ['--import', 'tsx', '--test', 'test/scoring-stack.test.ts'];
    expect(execFileSync(process.execPath, tests, { cwd: folder, encoding: 'utf8' })).toContain('pass 1');
    expect(readFileSync(file, 'utf8')).toContain('new AksCompute(');
  });
});
