import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { inputHashes } from '../input-hashes';
import { buildFolder, packageFolder, toolchainFolder } from './folders';
import { installFromLock } from './install';
import { makePackageFolder, SOURCES } from './package-folder';
import { runTool } from './run-tool';

const stampFile = path.join(buildFolder, 'compiled.sha256');
const toolchain = path.join(__dirname, 'toolchain');

/** Files outside of the sources that a compilation depends on. */
const OTHER_INPUTS = [
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'docs/python.md'],
  // It bundles code of `dist/lib`, which the package contains.
  'scripts/bundle',
  ...['entry-file.ts', 'package-folder.ts', 'package-json.ts', 'toolchain'].map(
    (name) => `scripts/jsii/${name}`,
  ),
];

/**
 * Compiles the constructs with jsii, unless nothing has changed since the last compilation.
 * @param say receives a message about each step
 * @returns path of the assembly, which describes the API
 * @throws StepFailedError with the problems that jsii finds in the API
 */
export async function compileConstructs(say: (line: string) => void): Promise<string> {
  const assembly = path.join(packageFolder, '.jsii');
  const stamp = inputHashes([...SOURCES, ...OTHER_INPUTS]);
  if (existsSync(assembly) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    return assembly;
  }
  say('installing jsii and the dependencies of the constructs');
  await installFromLock(toolchain, toolchainFolder);
  await makePackageFolder();
  say('compiling the constructs with jsii');
  await runJsiiTool('jsii', ['--silence-warnings', 'reserved-word']);
  writeFileSync(stampFile, stamp);
  return assembly;
}

/** Runs a tool of the toolchain in the package folder. */
export function runJsiiTool(name: string, args: readonly string[]): Promise<void> {
  return runTool(path.join(toolchainFolder, 'node_modules/.bin', name), args, packageFolder);
}
