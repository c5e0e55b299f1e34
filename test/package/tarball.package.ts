import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { toolchainFolder } from '../../scripts/jsii/folders';
import { linksOf } from '../support/markdown';
import { packedLibrary } from './support/packed-library';
import { runTool, tryTool } from './support/run-tool';

/** Of the packed library. The sample models alone are ten times that: they stay in the repository. */
const BUDGET_BYTES = 1_500_000;

const library = packedLibrary();

let folder: string;
const packageFolder = () => path.join(folder, 'package');

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'cdktf-brainwave-tarball-'));
  await runTool('tar', ['-xzf', library.tarball], { cwd: folder });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface PackageJson {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Description of the API by jsii, as far as these tests read it. */
interface Assembly {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly targets: Readonly<Record<string, unknown>>;
  readonly types: Readonly<Record<string, AssemblyType>>;
}

interface AssemblyType {
  readonly kind: 'class' | 'interface' | 'enum';
  readonly name: string;
  readonly methods?: readonly AssemblyMember[];
  readonly properties?: readonly AssemblyMember[];
  readonly members?: readonly AssemblyMember[];
}

interface AssemblyMember {
  readonly name: string;
  readonly static?: boolean;
  readonly abstract?: boolean;
}

function packageJson(): PackageJson {
  return JSON.parse(readFileSync(path.join(packageFolder(), 'package.json'), 'utf8')) as PackageJson;
}

describe('the packed library', () => {
  it('stays within its budget', () => {
    const { size, unpackedSize, files } = library;
    process.stdout.write(
      `packed ${kilobytes(size)} of ${kilobytes(BUDGET_BYTES)}, ` +
        `unpacked ${kilobytes(unpackedSize)} in ${files.length} files\n`,
    );
    expect(size).toBeLessThan(BUDGET_BYTES);
  });

  it('has what runs, its types, its protocol, its pages and its licence, and nothing else', () => {
    const expected = [
      /^(package\.json|\.jsii|README\.md|CHANGELOG\.md|LICENSE|NOTICE|THIRD-PARTY-NOTICES\.md)$/,
      /^docs\/([\w-]+\.md|pictures\/[\w-]+\.svg)$/,
      /^lib\/playground\/page\/[\w-]+\.(html|css|mjs|svg)$/,
      /^dist\/(constructs|lib)\/.+\.(js|d\.ts)$/,
      /^proto\/.+\.proto$/,
      /^schemas\/[\w-]+\.schema\.json$/,
      /^machine\/fpga\/[\w.@-]+$/,
      /^templates\/project\/.+\.(ts|json|md|yml|onnx|txt|png)$|^templates\/project\/(gitignore|npmrc)$/,
    ];
    expect(library.files.filter((file) => !expected.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(library.files).toEqual(
      expect.arrayContaining([
        '.jsii',
        'LICENSE',
        'NOTICE',
        'README.md',
        'THIRD-PARTY-NOTICES.md',
        'dist/constructs/index.js',
        'dist/lib/cli/main.js',
        'proto/tensorflow_serving/apis/prediction_service.proto',
        'machine/fpga/install',
        'lib/playground/page/index.html',
        'templates/project/gitignore',
        'templates/project/npmrc',
        'templates/project/models/colors.onnx',
      ]),
    );
  });

  it('leads its README’s links to what it has, but for those to the sources, the tests, the examples and photographs', () => {
    const readme = readFileSync(path.join(packageFolder(), 'README.md'), 'utf8');
    const targets = linksOf(readme)
      .filter((link) => !/^(https?:|#)/.test(link))
      .map((link) => link.replace(/#.*/, ''));
    const leadingNowhere = targets.filter(
      (target) => !library.files.some((file) => file === target || file.startsWith(`${target}/`)),
    );
    expect(targets).toEqual(
      expect.arrayContaining(['docs/README.md', 'docs/pictures/deployed.svg', 'CHANGELOG.md', 'LICENSE']),
    );
    expect(
      leadingNowhere.filter(
        (target) => !/^(examples|test|constructs)\/|^CONTRIBUTING\.md$|\.png$/.test(target),
      ),
    ).toEqual([]);
  });

  it('leads every entry point and command to a file that it has', () => {
    const { exports, bin } = packageJson();
    const targets = Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    const leadingNowhere = [...targets, ...Object.values(bin)]
      .map((target) => path.posix.normalize(target))
      .filter((target) => !library.files.includes(target));
    expect(Object.keys(exports)).toEqual(
      expect.arrayContaining(['.', './client', './smoke-test', './server', './testing']),
    );
    expect(leadingNowhere).toEqual([]);
  });

  // What Construct Hub checks before it lists a package.
  // @see https://github.com/cdklabs/construct-hub/blob/main/src/backend/ingestion/ingestion.lambda.ts
  it('has an assembly that Construct Hub accepts', () => {
    const spec = createRequire(path.join(toolchainFolder, 'package.json'))('@jsii/spec') as {
      loadAssemblyFromPath(folder: string, validate: boolean): Assembly;
    };
    const assembly = spec.loadAssemblyFromPath(packageFolder(), true);
    const { name, version, license, keywords, jsii } = packageJson();
    expect(assembly).toMatchObject({ name, version, license });
    expect(keywords).toContain('cdktf');
    expect(jsii).toEqual(expect.any(Object));
    // No package for another language is published.
    expect(Object.keys(assembly.targets)).toEqual(['js']);
  });

  it('has an assembly that describes the code next to it', async () => {
    const { types } = JSON.parse(readFileSync(path.join(packageFolder(), '.jsii'), 'utf8')) as Assembly;
    const described = Object.values(types).filter(({ kind }) => kind !== 'interface');
    const members = described.map(({ name, methods = [], properties = [], members: values = [] }) => ({
      name,
      own: [...methods, ...properties, ...values]
        .filter((member) => !member.abstract && (member.static ?? values.includes(member)))
        .map((member) => member.name),
      methods: methods.filter((method) => !method.abstract && !method.static).map((method) => method.name),
    }));
    const program = `
      const api = require('./dist/constructs');
      const missing = ${JSON.stringify(members)}.flatMap(({ name, own, methods }) =>
        name in api
          ? [
              ...own.filter((member) => !(member in api[name])),
              ...methods.filter((method) => !(method in api[name].prototype)),
            ].map((member) => name + '.' + member)
          : [name],
      );
      process.stdout.write(JSON.stringify(missing));`;
    const env = { NODE_PATH: path.resolve(__dirname, '../../node_modules') };
    const { stdout } = await runTool(process.execPath, ['-e', program], { cwd: packageFolder(), env });
    expect(described.length).toBeGreaterThan(50);
    expect(JSON.parse(stdout)).toEqual([]);
  });

  it('runs no script of its own when it is installed', () => {
    const hooks = Object.keys(packageJson().scripts).filter((name) => /install|^prepare$/.test(name));
    expect(hooks).toEqual([]);
  });

  it('loads no package that it does not ask for: a strict layout would not have it', () => {
    const { dependencies, peerDependencies } = packageJson();
    const known = new Set([
      // A doc comment may show how it is imported.
      'cdktf-brainwave',
      ...Object.keys(dependencies),
      ...Object.keys(peerDependencies),
      ...builtinModules.flatMap((name) => [name, `node:${name}`]),
    ]);
    const loaded = library.files
      .filter((file) => /\.(js|d\.ts)$/.test(file))
      .flatMap((file) => packagesOf(readFileSync(path.join(packageFolder(), file), 'utf8')));
    expect(loaded).toContain('commander');
    expect([...new Set(loaded)].filter((name) => !known.has(name))).toEqual([]);
  });

  it('resolves for every kind of compiler and loader, as publint and attw see it', async () => {
    const npx = (...args: string[]) => tryTool('npx', ['--yes', ...args], { cwd: folder });
    const publint = await npx('publint@0.3', 'run', library.tarball, '--strict');
    expect(publint).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('All good!') as unknown });
    const attw = await npx('@arethetypeswrong/cli@0.18', library.tarball);
    expect(attw).toMatchObject({ exitCode: 0 });
  });
});

/** The packages, without paths inside them, that a module loads or a declaration imports. */
function packagesOf(code: string): string[] {
  const specifiers = [...code.matchAll(/(?:\brequire\(|\bimport\(|\bfrom |^import )(["'])([^"'\s]+)\1/gm)];
  return specifiers
    .map(([, , specifier]) => specifier)
    .filter((specifier) => !specifier.startsWith('.'))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)![0])
    .map((name) => (name.startsWith('node:') ? name.replace(/\/.*/, '') : name));
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
