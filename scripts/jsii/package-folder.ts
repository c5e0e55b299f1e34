import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { entryFile } from './entry-file';
import { packageFolder, repository } from './folders';
import { installFromLock } from './install';
import { jsiiPackage, type OwnPackage } from './package-json';

/** Folders and files that the package for jsii copies. */
export const SOURCES = ['constructs', 'lib', 'proto', 'machine', 'LICENSE'];

/** Compiler options of the repository, for the files that the entry file imports. */
const COMPILER = {
  extends: './tsconfig.base.json',
  compilerOptions: { noEmit: false, declaration: true, types: ['node'], outDir: 'dist', rootDir: '.' },
  files: ['constructs/index.ts'],
  include: [],
  exclude: [],
};

/** Creates the package that jsii compiles: sources, the files that they need at run time, and a `package.json`. */
export async function makePackageFolder(): Promise<void> {
  rmSync(packageFolder, { recursive: true, force: true });
  // The compiler finds dependencies in node_modules of the repository, which is a parent folder.
  await installFromLock(repository, packageFolder, ['--omit=dev', '--omit=peer']);
  rmSync(inPackage('package-lock.json'));
  for (const source of SOURCES) {
    cpSync(path.join(repository, source), inPackage(source), { recursive: true });
  }
  cpSync(path.join(repository, 'docs/python.md'), inPackage('README.md'));
  // A scoring image contains all run-time files, but jsii compiles only those that constructs import.
  cpSync(path.join(repository, 'dist/lib'), inPackage('dist/lib'), { recursive: true });
  edit('constructs/index.ts', entryFile);
  edit('package.json', (text) => json(jsiiPackage(JSON.parse(text) as OwnPackage)));
  cpSync(path.join(repository, 'tsconfig.json'), inPackage('tsconfig.base.json'));
  writeFileSync(inPackage('tsconfig.json'), json(COMPILER));
}

function inPackage(file: string): string {
  return path.join(packageFolder, file);
}

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(inPackage(file), change(readFileSync(inPackage(file), 'utf8')));
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
