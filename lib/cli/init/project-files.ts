import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import semver from 'semver';

import { librarySource } from './library-source';

/** Where the template is in the package, and the files in it whose names npm would not pack with their dot. */
const TEMPLATE = 'templates/project';
const DOT_FILES = new Set(['gitignore', 'npmrc', 'github']);

/** Packages of the project, besides this library. */
const DEPENDENCIES = ['cdktf', 'constructs', 'onnxruntime-node', 'sharp'];
const DEVELOPMENT_DEPENDENCIES = ['@types/node', 'tsx', 'typescript'];

/** Terraform of the scripts, which `sh` expands, and the stack of the template, in which it runs. */
const BINARY = '${TERRAFORM_BINARY_NAME:-terraform}';
const TERRAFORM = `${BINARY} -chdir=cdktf.out/stacks/scoring`;

/** Called by the other scripts: npm skips a `predeploy` script because of `ignore-scripts` in the project's `.npmrc`. */
const FIND_TERRAFORM =
  `command -v ${BINARY} > /dev/null || { echo "error: the project runs ${BINARY}, but no such command is on PATH; ` +
  'install Terraform 1.4 or later (https://developer.hashicorp.com/terraform/install), or set TERRAFORM_BINARY_NAME ' +
  'to the path of Terraform or OpenTofu" >&2; exit 1; }';

interface LibraryPackage {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/**
 * Returns the files of a new project by their path. The packages have the exact versions that this library is developed and tested
 * with.
 * @param libraryRoot folder of the library's `package.json`
 */
export function projectFiles(libraryRoot: string): ReadonlyMap<string, string | Uint8Array> {
  const template = path.join(libraryRoot, TEMPLATE);
  const files = new Map<string, string | Uint8Array>();
  for (const entry of readdirSync(template, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const file = path.join(entry.parentPath, entry.name);
      files.set(projectPath(path.relative(template, file)), readFileSync(file));
    }
  }
  const library = JSON.parse(readFileSync(path.join(libraryRoot, 'package.json'), 'utf8')) as LibraryPackage;
  const source = librarySource(libraryRoot);
  files.set('package.json', packageJson(library, source ?? library.version));
  if (source !== undefined) {
    const configuration =
      '# Copies the library instead of linking it, so that both use the same cdktf.\ninstall-links=true\n';
    files.set('.npmrc', `${String(files.get('.npmrc'))}${configuration}`);
  }
  return new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function projectPath(file: string): string {
  const [first, ...others] = file.split(path.sep);
  return [DOT_FILES.has(first) ? `.${first}` : first, ...others].join('/');
}

function packageJson({ engines, devDependencies }: LibraryPackage, library: string): string {
  const exact = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, semver.minVersion(devDependencies[name])?.version]));
  const content = {
    name: 'scoring',
    version: '0.1.0',
    private: true,
    scripts: {
      synth: 'tsc --noEmit && tsx main.ts',
      test: 'tsc --noEmit && node --import tsx --test test/*.test.ts',
      'find-terraform': FIND_TERRAFORM,
      deploy: `npm run --silent find-terraform && npm run --silent synth && ${TERRAFORM} init && ${TERRAFORM} apply`,
      destroy: `npm run --silent find-terraform && ${TERRAFORM} destroy`,
    },
    dependencies: { 'cdktf-brainwave': library, ...exact(DEPENDENCIES) },
    devDependencies: exact(DEVELOPMENT_DEPENDENCIES),
    engines,
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
