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

/** Stack of the template, in which Terraform runs. */
const STACK_FOLDER = 'cdktf.out/stacks/scoring';

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
  const terraform = `\${TERRAFORM_BINARY_NAME:-terraform} -chdir=${STACK_FOLDER}`;
  const content = {
    name: 'scoring',
    version: '0.1.0',
    private: true,
    scripts: {
      synth: 'tsc --noEmit && tsx main.ts',
      test: 'tsc --noEmit && node --import tsx --test test/*.test.ts',
      deploy: `npm run --silent synth && ${terraform} init && ${terraform} apply`,
      destroy: `${terraform} destroy`,
    },
    dependencies: { 'cdktf-brainwave': library, ...exact(DEPENDENCIES) },
    devDependencies: exact(DEVELOPMENT_DEPENDENCIES),
    engines,
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
