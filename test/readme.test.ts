import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

const root = path.resolve(__dirname, '..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

function snippets(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code]) => code,
  );
}

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
    const files = snippets('ts').map((code, index) => {
      const file = path.join(project, `snippet-${index}.mts`);
      writeFileSync(file, code);
      return file;
    });
    const program = ts.createProgram(files, {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      types: ['node'],
    });

    const messages = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));

    expect(files).toHaveLength(2);
    expect(messages).toEqual([]);
  });

  it('synthesizes the stack that it shows, with a smoke test that follows the service', () => {
    writeFileSync(path.join(project, 'main.ts'), snippets('ts')[0]);

    execFileSync(process.execPath, [require.resolve('tsx/cli'), 'main.ts'], { cwd: project });

    const json = JSON.parse(
      readFileSync(path.join(project, 'cdktf.out/stacks/scoring/cdk.tf.json'), 'utf8'),
    ) as {
      resource: { terraform_data: Record<string, { depends_on?: string[] }> };
    };
    const names = Object.keys(json.resource.terraform_data);
    const smokeTest = names.find((name) => name.startsWith('SmokeTest_Run'))!;
    const service = names.find((name) => name.startsWith('Service_Configuration'))!;
    expect(json.resource.terraform_data[smokeTest].depends_on).toEqual([`terraform_data.${service}`]);
  });

  it('names npm scripts that there are', () => {
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script);

    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});
