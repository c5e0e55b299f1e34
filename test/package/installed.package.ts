import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';

import { snippetsOf } from '../support/snippets';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { npm, pnpm } from './support/package-managers';
import { packedLibrary } from './support/packed-library';
import { isProgram, publishedCode } from './support/published-code';
import { UserProject, type ModuleType } from './support/user-project';

const ENGINES = [
  'onnxruntime-node',
  'sharp',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-converter',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-layers',
];

/** As the README says for stacks of all kinds, and a compiler. */
const PACKAGES = [
  'cdktf',
  'constructs',
  '@cdktf/provider-azurerm@^14',
  '@cdktf/provider-kubernetes@^12',
  '@cdktf/provider-random@^12',
  'typescript@~5.9.0',
  '@types/node@^20',
];

const MANAGERS = [
  // The library's types must fit those of all packages, too; to check them once will do, it takes its time.
  { manager: npm, packages: PACKAGES, checkTypesOf: 'commonjs' },
  { manager: pnpm, packages: PACKAGES, checkTypesOf: undefined },
];

describe('installed with no more than what is needed', () => {
  let project: UserProject;

  beforeAll(() => {
    project = new UserProject({});
    project.addFolder('app', 'commonjs');
  });

  afterAll(() => {
    project.remove();
  });

  it('has a client, a smoke test, a server and a command without CDKTF and without providers', async () => {
    await npm.install(project, [packedLibrary().tarball]);
    expect(['cdktf', 'constructs', '@cdktf'].filter((name) => isInstalled(project, name))).toEqual([]);
    const load = `
      const { PredictionClient } = require('cdktf-brainwave/client');
      const { runSmokeTest } = require('cdktf-brainwave/smoke-test');
      const { ScoringServer } = require('cdktf-brainwave/server');
      console.log(typeof PredictionClient, typeof runSmokeTest, typeof ScoringServer);`;
    const { stdout } = await project.node(['-e', load], 'app');
    expect(stdout).toBe('function function function\n');
    const help = await project.run('npx', ['--no-install', 'cdktf-brainwave', '--help']);
    expect(help.stdout).toContain('Usage: cdktf-brainwave');
  });

  it("synthesizes the README's stack without providers, as the README says", async () => {
    const [command] = snippetsOf('README.md', 'sh').filter(({ code }) =>
      code.includes('npm install cdktf-brainwave'),
    );
    // Engines run services; synth needs none.
    const [, packages] = /^npm install cdktf-brainwave (.*) sharp onnxruntime-node$/m.exec(command.code)!;
    await npm.install(project, [...packages.split(' '), 'typescript@~5.9.0', '@types/node@^20']);
    expect(isInstalled(project, '@cdktf')).toBe(false);
    project.write('app/main.ts', snippetsOf('README.md', 'ts')[0].code);
    expect(await project.compile(['app/main.ts'], { module: 'nodenext', skipLibCheck: true })).toBe('');
    const { exitCode, stderr } = await project.node(['main.js'], 'app');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(existsSync(project.path('app/cdktf.out/stacks/scoring/cdk.tf.json'))).toBe(true);
  });

  it('says which package a construct needs, and how to install it', async () => {
    const declare = `
      const { App, TerraformStack } = require('cdktf');
      const { DnsZone } = require('cdktf-brainwave');
      const stack = new TerraformStack(new App(), 'scoring');
      new DnsZone(stack, 'Zone', { zoneName: 'example.com', resourceGroupName: 'dns' });`;
    const { exitCode, stderr } = await project.node(['-e', declare], 'app');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'ConstructError: scoring/Zone: the package @cdktf/provider-azurerm, which contains DnsZone, is not installed; ' +
        'run `npm install --ignore-scripts @cdktf/provider-azurerm@^14.0.0`',
    );
  });
});

function isInstalled(project: UserProject, name: string): boolean {
  return existsSync(project.path('node_modules', name));
}

describe.each(MANAGERS)('installed with $manager.name', ({ manager, packages, checkTypesOf }) => {
  let project: UserProject;

  beforeAll(async () => {
    project = new UserProject({});
    await manager.install(project, [packedLibrary().tarball, ...packages]);
  });

  afterAll(() => {
    project.remove();
  });

  it('has its command', async () => {
    const { stdout } = await project.run('npx', ['--no-install', 'cdktf-brainwave', '--help']);
    expect(stdout).toContain('Usage: cdktf-brainwave');
  });

  it('finds no inference engine, neither beside it nor deeper', async () => {
    const find = `
      const library = require.resolve('cdktf-brainwave/package.json');
      const finds = (name, from) => {
        try { return require.resolve(name, { paths: [from] }); } catch { return false; }
      };
      const found = ${JSON.stringify(ENGINES)}.filter((name) => finds(name, library));
      console.log(JSON.stringify({ found, control: Boolean(finds('commander', library)) }));`;
    const { stdout } = await project.node(['-e', find], '.');
    expect(JSON.parse(stdout)).toEqual({ found: [], control: true });
  });

  it('says which packages to install when a stage that needs one is to run', async () => {
    sampleServiceDefinition().save(project.path('model.zip'));
    writeFileSync(project.path('serve.json'), JSON.stringify({ model: { path: 'model.zip' }, port: 0 }));
    const command = ['node_modules/cdktf-brainwave/dist/lib/cli/main.js', 'serve', '--config', 'serve.json'];
    const { exitCode, stderr } = await project.node(command, '.');
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(
      /^error: stage 'image' cannot run here: .* not installed; run `npm install --ignore-scripts sharp .*`$/m,
    );
  });

  describe.each<ModuleType>(['commonjs', 'module'])('in a project of type %s', (type) => {
    const snippets = publishedCode(type);

    beforeAll(() => {
      project.addFolder(type, type);
      for (const { name, code } of snippets) {
        project.write(`${type}/${name}.ts`, code);
      }
    });

    it('compiles all code of the README and docs under strict', async () => {
      const files = snippets.map(({ name }) => `${type}/${name}.ts`);
      const options = { module: 'nodenext', skipLibCheck: type !== checkTypesOf };
      expect(await project.compile(files, options)).toBe('');
    });

    it('runs those of it that are programs', async () => {
      const programs = snippets.filter(isProgram);
      expect(programs.length).toBeGreaterThan(1);
      for (const { name, code } of programs) {
        const out = project.path(type, 'cdktf.out');
        rmSync(out, { recursive: true, force: true });
        const { exitCode, stderr } = await project.node([`${name}.js`], type);
        expect({ name, exitCode, stderr }).toMatchObject({ name, exitCode: 0 });
        const stacks = existsSync(out) ? readdirSync(`${out}/stacks`).length : 0;
        expect({ name, synthesizes: stacks > 0 }).toEqual({ name, synthesizes: code.includes('.synth()') });
      }
    });
  });
});
