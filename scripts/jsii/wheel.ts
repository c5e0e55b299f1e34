import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { runCommand } from '../quickstart/run-command';
import { buildFolder, packageFolder, toolchainFolder } from './folders';
import { installFromLock } from './install';
import { makePackageFolder } from './package-folder';
import { runTool } from './run-tool';

const wheels = path.join(buildFolder, 'python');

/**
 * Compiles the constructs under jsii and makes their Python package.
 * @param python the interpreter whose pip builds it
 * @param say where each step is announced
 * @returns the wheel
 * @throws StepFailedError with what jsii finds in the constructs' API, or why a step could not run
 */
export async function makeWheel(python: string, say: (line: string) => void): Promise<string> {
  say('installing jsii and what the constructs need');
  await installFromLock(path.join(__dirname, 'toolchain'), toolchainFolder);
  await makePackageFolder();
  say('compiling the constructs under jsii');
  await tool('jsii', ['--silence-warnings', 'reserved-word']);
  say('making the Python package');
  await tool('jsii-pacmak', ['--targets', 'python', '--code-only']);
  rmSync(wheels, { recursive: true, force: true });
  const options = ['--disable-pip-version-check', '--quiet', '--no-deps', '--wheel-dir', wheels];
  await runCommand(python, ['-m', 'pip', 'wheel', ...options, 'out/python'], { cwd: packageFolder });
  const [wheel] = readdirSync(wheels);
  return path.join(wheels, wheel);
}

function tool(name: string, args: readonly string[]): Promise<void> {
  return runTool(path.join(toolchainFolder, 'node_modules/.bin', name), args, packageFolder);
}
