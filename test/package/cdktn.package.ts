import { readFileSync } from 'node:fs';
import path from 'node:path';

import { freePort } from '../support/free-port';
import { pageText, snippetsOf } from '../support/snippets';
import { terraformForTests } from '../support/terraform';
import { npm } from './support/package-managers';
import { packedLibrary } from './support/packed-library';
import { publishedCode } from './support/published-code';
import { runTool } from './support/run-tool';
import { UserProject } from './support/user-project';

/** Exact, so that what differs is known: the newest of CDKTF, and of CDK Terrain what docs/cdktn.md names. */
const CDKTF = {
  dependencies: {
    cdktf: '0.21.0',
    '@cdktf/provider-azurerm': '14.23.1',
    '@cdktf/provider-random': '12.0.1',
    '@cdktf/provider-kubernetes': '12.1.1',
  },
};
const [{ code: switched }] = snippetsOf('docs/cdktn.md', 'json');
const CDKTN = JSON.parse(switched) as typeof CDKTF & { overrides: object };

/** The table of docs/cdktn.md: paths into the JSON, with the value in either project. */
const NAMED_DIFFERENCES = new Map(
  [...pageText('docs/cdktn.md').matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\| `([^`]+)` +\|$/gm)].map(
    ([, where, before, after]): [string, Difference] => [where, { before, after }],
  ),
);

interface Difference {
  readonly before: unknown;
  readonly after: unknown;
}

const COMPILER = { typescript: '~5.9.0', '@types/node': '^20' };
/** Engines to run the README's stack, in the versions of this repository. Images contain the same versions in both projects. */
const ENGINES = Object.fromEntries(
  ['onnxruntime-node', 'sharp'].map((name) => {
    const manifest = readFileSync(
      path.resolve(__dirname, '../../node_modules', name, 'package.json'),
      'utf8',
    );
    return [name, (JSON.parse(manifest) as { version: string }).version];
  }),
);

/** The smallest stack, which runs here, and the largest, with all three providers. */
const STACKS = ['README-1', 'moved-to-azure'];

let cdktf: UserProject;
let cdktn: UserProject;

beforeAll(async () => {
  const { tarball } = packedLibrary();
  const create = ({ dependencies, ...others }: typeof CDKTF) =>
    new UserProject({
      dependencies: { 'cdktf-brainwave': `file:${tarball}`, ...COMPILER, ...ENGINES, ...dependencies },
      ...others,
    });
  cdktf = create(CDKTF);
  cdktn = create(CDKTN);
  for (const project of [cdktf, cdktn]) {
    project.addFolder('app', 'commonjs');
    for (const { name, code } of publishedCode('commonjs')) {
      project.write(`app/${name}.ts`, code);
    }
    // The engines' scripts download what CPUs do not need.
    await npm.install(project, ['--ignore-scripts']);
  }
});

afterAll(() => {
  cdktf.remove();
  cdktn.remove();
});

async function synthesize(project: UserProject, name: string): Promise<Record<string, unknown>> {
  const { exitCode, stderr } = await project.node([`${name}.js`], 'app');
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const json = readFileSync(project.path('app/cdktf.out/stacks/scoring/cdk.tf.json'), 'utf8');
  return JSON.parse(json) as Record<string, unknown>;
}

describe('a project that has moved from CDKTF to CDK Terrain as docs/cdktn.md says', () => {
  it('has no CDKTF any more', () => {
    const library = readFileSync(cdktn.path('node_modules/cdktf/package.json'), 'utf8');
    expect(JSON.parse(library)).toMatchObject({ name: 'cdktn' });
    const bindings = cdktn.path('node_modules/@cdktf/provider-kubernetes/package.json');
    expect(JSON.parse(readFileSync(bindings, 'utf8'))).toMatchObject({ name: '@cdktf/provider-kubernetes' });
    const found = cdktn.path('node_modules/@cdktf/provider-kubernetes/node_modules/cdktf');
    expect(() => readFileSync(found)).toThrow('ENOENT');
  });

  it('compiles the same code under strict, also where it imports cdktn by its name', async () => {
    const files = STACKS.map((name) => `app/${name}.ts`);
    const options = { module: 'nodenext', skipLibCheck: true };
    expect(await cdktf.compile(files, options)).toBe('');
    for (const file of files) {
      const code = readFileSync(cdktn.path(file), 'utf8');
      expect(code).toContain("from 'cdktf'");
      cdktn.write(file.replace('.ts', '-by-name.ts'), code.replace("from 'cdktf'", "from 'cdktn'"));
    }
    const byName = files.map((file) => file.replace('.ts', '-by-name.ts'));
    expect(await cdktn.compile([...files, ...byName], options)).toBe('');
  });

  it.each(STACKS)(
    'synthesizes the same JSON of %s, but for the versions that the page names',
    async (name) => {
      const before = await synthesize(cdktf, name);
      const after = await synthesize(cdktn, name);
      const byName = await synthesize(cdktn, `${name}-by-name`);

      const known = [...NAMED_DIFFERENCES].filter(
        // The stack on this machine has no providers.
        ([where]) => name === 'moved-to-azure' || !where.includes('required_providers'),
      );
      expect(known.length).toBeGreaterThan(0);
      expect(differences(before, after)).toEqual(new Map(known));
      expect(byName).toEqual(after);
    },
  );
});

it('a service that cdktn synthesizes is deployed by Terraform, passes its smoke test and is destroyed', async () => {
  const [{ code }] = snippetsOf('README.md', 'ts');
  const port = await freePort();
  cdktn.write(
    'app/deployed.ts',
    code
      .replaceAll("from 'cdktf'", "from 'cdktn'")
      .replace('ImageClassifier,', 'ImageClassifier, LocalCompute,')
      .replace("  image: '", `  compute: new LocalCompute({ port: ${port} }),\n  image: '`),
  );
  expect(await cdktn.compile(['app/deployed.ts'], { module: 'nodenext', skipLibCheck: true })).toBe('');
  await synthesize(cdktn, 'deployed');
  const { path: terraform } = await terraformForTests();
  const run = async (...args: string[]) => {
    const { stdout } = await runTool(terraform, [...args, '-no-color', '-input=false'], {
      cwd: cdktn.path('app/cdktf.out/stacks/scoring'),
    });
    return stdout;
  };
  await run('init');
  try {
    expect(await run('apply', '-auto-approve')).toContain('smoke test passed');
    expect(await run('plan')).toContain('No changes.');
  } finally {
    expect(await run('destroy', '-auto-approve')).toContain('Destroy complete!');
  }
});

/** What is not the same on both sides, by its path; what is missing on one is undefined there. */
function differences(before: unknown, after: unknown, path: readonly string[] = []): Map<string, Difference> {
  if (!isObject(before) || !isObject(after)) {
    const same = JSON.stringify(before) === JSON.stringify(after);
    return new Map(same ? [] : [[path.join('.'), { before, after }]]);
  }
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return new Map([...keys].flatMap((key) => [...differences(before[key], after[key], [...path, key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
