import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import semver from 'semver';

import { COLORS, colorModel } from '../../scripts/init-sample/color-model';
import { afterwards } from '../support/cleanup';
import { runCommand } from '../support/cli';
import { temporaryFolder } from '../support/temporary-folder';

const root = path.resolve(__dirname, '../..');
const template = path.join(root, 'templates/project');

interface PackageJson {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

function readPackage(folder: string): PackageJson {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as PackageJson;
}

describe('cdktf-brainwave init', () => {
  let folder: string;
  beforeEach(async () => {
    const temporary = await temporaryFolder();
    folder = temporary.path;
    afterwards(() => temporary.remove());
  });

  const filesIn = (directory: string) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
      .sort();

  it('creates a project with dot files, and says how to deploy it', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['init', 'scoring'], folder);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const files = filesIn(path.join(folder, 'scoring'));
    expect(files).toEqual(
      expect.arrayContaining(['.github/workflows/scoring.yml', '.gitignore', '.npmrc', 'package.json']),
    );
    expect(files).toHaveLength(filesIn(template).length + 1);
    expect(stdout).toMatch(/^scoring\/scoring-stack\.ts$/m);
    expect(stdout).toContain('Deploy the service: cd scoring && npm install && npm run deploy\n');
  });

  it('uses the working directory by default', async () => {
    const { stdout } = await runCommand(['init'], folder);

    expect(filesIn(folder)).toContain('main.ts');
    expect(stdout).toContain('Deploy the service: npm install && npm run deploy\n');
  });

  it('overwrites no file, names those that exist and writes nothing', async () => {
    for (const file of ['README.md', 'package.json', 'notes.txt']) {
      writeFileSync(path.join(folder, file), 'mine\n');
    }

    const { exitCode, stderr } = await runCommand(['init'], folder);

    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'error: . already contains README.md, package.json, which init does not overwrite; pass a new or empty folder\n',
    );
    expect(filesIn(folder)).toEqual(['README.md', 'notes.txt', 'package.json']);
    expect(readFileSync(path.join(folder, 'README.md'), 'utf8')).toBe('mine\n');
  });

  it('installs the exact versions that this repository tests with', async () => {
    await runCommand(['init'], folder);

    const library = readPackage(root);
    const { dependencies, devDependencies, engines } = readPackage(folder);
    const { 'cdktf-brainwave': own, ...others } = { ...dependencies, ...devDependencies };
    const tested = Object.keys(others).map((name) => [
      name,
      readPackage(path.join(root, 'node_modules', name)).version,
    ]);
    expect(others).toEqual(Object.fromEntries(tested));
    const peers = Object.entries(others).filter(([name]) => name in library.peerDependencies);
    expect(peers.map(([name]) => name)).toEqual(['cdktf', 'constructs', 'onnxruntime-node', 'sharp']);
    for (const [name, version] of peers) {
      expect([name, semver.satisfies(version, library.peerDependencies[name])]).toEqual([name, true]);
    }
    expect(engines).toEqual(library.engines);
    // The command runs from this checkout.
    expect(own).toBe(`file:${root}`);
  });

  it('says what to install if a deployment finds no Terraform', async () => {
    await runCommand(['init'], folder);

    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'deploy'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, TERRAFORM_BINARY_NAME: 'missing-terraform' },
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'error: the project runs missing-terraform, but no such command is on PATH; install Terraform 1.4 or later ' +
        '(https://developer.hashicorp.com/terraform/install), or set TERRAFORM_BINARY_NAME to the path of Terraform or ' +
        'OpenTofu\n',
    });
  });

  it('disables install scripts, and copies a library that is not from a registry', async () => {
    await runCommand(['init'], folder);

    const npmrc = readFileSync(path.join(folder, '.npmrc'), 'utf8');
    expect(npmrc).toMatch(/^ignore-scripts=true$/m);
    expect(npmrc).toMatch(/^install-links=true$/m);
    expect(readFileSync(path.join(template, 'npmrc'), 'utf8')).not.toContain('install-links');
  });
});

describe("the sample model of a new project's template", () => {
  it('is the one that scripts/init-sample writes', () => {
    expect(colorModel().equals(readFileSync(path.join(template, 'models/colors.onnx')))).toBe(true);
    expect(readFileSync(path.join(template, 'models/labels.txt'), 'utf8')).toBe(
      `${Object.keys(COLORS).join('\n')}\n`,
    );
  });
});
