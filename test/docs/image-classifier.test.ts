import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { expectToCompile } from '../support/compile';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');

function snippets(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/^```ts(?: fragment)?\n([\s\S]*?)^```/gm)].map(([, code]) => code);
}

const [short] = snippets('README.md');
const [imports, parts] = snippets('docs/image-classifier.md');
const IMPORTS = /^import \{[^}]*\} from 'cdktf-brainwave';\n/m;
const CLASSIFIER = /^new ImageClassifier\([\s\S]*?^\}\);\n/m;

interface StackJson {
  readonly resource: { readonly terraform_data: Readonly<Record<string, unknown>> };
}

describe('the ImageClassifier page', () => {
  let project: string;

  beforeEach(() => {
    const parent = path.join(root, '.cdktf-brainwave/docs');
    mkdirSync(parent, { recursive: true });
    project = mkdtempSync(path.join(parent, 'project-'));
  });

  afterEach(() => {
    rmSync(project, { recursive: true, force: true });
  });

  async function synth(name: string, code: string): Promise<string> {
    const folder = path.join(project, name);
    mkdirSync(folder);
    for (const large of ['models', 'images']) {
      symlinkSync(path.join(root, 'examples/quickstart', large), path.join(folder, large));
    }
    writeFileSync(path.join(folder, 'main.ts'), code);
    await run(process.execPath, [require.resolve('tsx/cli'), 'main.ts'], { cwd: folder });
    return readFileSync(path.join(folder, 'cdktf.out/stacks/scoring/cdk.tf.json'), 'utf8');
  }

  function namesOf(json: string): string[] {
    const { resource } = JSON.parse(json) as StackJson;
    return Object.keys(resource.terraform_data)
      .map((name) => name.replace(/^Classifier_/, '').replace(/_[0-9A-F]{8}$/, ''))
      .sort();
  }

  it('shows the parts of the README’s stack: what they declare is what the classifier declares', async () => {
    expect(short).toMatch(IMPORTS);
    expect(short).toMatch(CLASSIFIER);
    const long = short.replace(IMPORTS, imports).replace(CLASSIFIER, parts);

    const ours = await synth('classifier', short);
    const theirs = await synth('parts', long);

    expectToCompile([path.join(project, 'parts/main.ts')]);
    expect(namesOf(theirs)).toEqual(namesOf(ours));
    expect(namesOf(theirs)).toContain('SmokeTest_Run');
  });

  it('shows parts that change nothing in a scope of the classifier’s name', async () => {
    const scoped = short
      .replace(IMPORTS, `import { Construct } from 'constructs';\n${imports}`)
      .replace(
        CLASSIFIER,
        `const scope = new Construct(stack, 'Classifier');\n${parts.replaceAll('(stack, ', '(scope, ')}`,
      );

    expect(await synth('scoped', scoped)).toBe(await synth('classifier', short));
  });
});
