import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { buildFolder } from '../../../scripts/jsii/folders';
import { makeWheel } from '../../../scripts/jsii/wheel';
import { prepareVirtualEnvironment } from '../virtual-environment';

const run = promisify(execFile);
const requirements = path.join(__dirname, 'requirements.txt');

/** Runs programs that import the Python package of the constructs. */
export class PythonPrograms {
  /** Makes the package, and installs it beside what it needs. */
  static async prepare(): Promise<PythonPrograms> {
    const python = await prepareVirtualEnvironment(requirements, () => undefined);
    const wheel = await makeWheel(python, () => undefined);
    const packages = path.join(buildFolder, 'site-packages');
    rmSync(packages, { recursive: true, force: true });
    const options = ['--disable-pip-version-check', '--quiet', '--no-deps', '--target', packages];
    await run(python, ['-m', 'pip', 'install', ...options, wheel]);
    return new PythonPrograms(python, packages);
  }

  private constructor(
    private readonly python: string,
    private readonly packages: string,
  ) {}

  /** Runs a program in a folder, to its end. */
  async run(program: string, folder: string, environment: NodeJS.ProcessEnv = {}): Promise<void> {
    const env = { ...process.env, PYTHONPATH: this.packages, PYTHONDONTWRITEBYTECODE: '1', ...environment };
    await run(this.python, [program], { cwd: folder, env });
  }
}
