import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { runCommand } from '../quickstart/run-command';
import { compileConstructs, runJsiiTool } from './compile';
import { buildFolder, packageFolder } from './folders';

const wheels = path.join(buildFolder, 'python');

/**
 * Compiles the constructs with jsii and creates their Python package.
 * @param python interpreter whose pip builds the package
 * @param say receives a message about each step
 * @returns path of the wheel
 * @throws StepFailedError with the problems that jsii finds in the API, or the reason why a step failed
 */
export async function makeWheel(python: string, say: (line: string) => void): Promise<string> {
  await compileConstructs(say);
  say('creating the Python package');
  await runJsiiTool('jsii-pacmak', ['--targets', 'python', '--code-only']);
  rmSync(wheels, { recursive: true, force: true });
  const options = ['--disable-pip-version-check', '--quiet', '--no-deps', '--wheel-dir', wheels];
  await runCommand(python, ['-m', 'pip', 'wheel', ...options, 'out/python'], { cwd: packageFolder });
  const [wheel] = readdirSync(wheels);
  return path.join(wheels, wheel);
}
