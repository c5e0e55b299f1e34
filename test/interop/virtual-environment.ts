import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { NoReleaseError, SetupError } from './setup-error';

const run = promisify(execFile);

const root = path.resolve(__dirname, '../..');
const OLDEST_MINOR_VERSION = 9;

/** Where the tests keep what they install; Git ignores it. */
export const cache = path.join(root, 'node_modules/.cache/cdktf-brainwave-interop');

/** Packages to install in one run of pip. */
export interface Requirements {
  readonly file: string;
  /** More of pip's options, such as `--no-deps`. */
  readonly options?: readonly string[];
}

/** Python that a virtual environment is made with. */
export interface PythonInterpreter {
  readonly executable: string;
  readonly version: string;
}

/**
 * Makes a virtual environment in the ignored cache, or takes the one that is there for the same Python and the
 * same requirements.
 * @param say where a step that takes a while is announced
 * @returns its interpreter
 * @throws SetupError
 */
export async function prepareVirtualEnvironment(
  requirementsFile: string,
  say: (line: string) => void,
): Promise<string> {
  const { python, prepare } = await virtualEnvironment([{ file: requirementsFile }], await findPython());
  await prepare(say);
  return python;
}

/** A virtual environment in the ignored cache, which may not have been made yet. */
export interface VirtualEnvironment {
  readonly python: string;
  readonly isPrepared: boolean;
  /** @throws SetupError */
  readonly prepare: (say: (line: string) => void) => Promise<void>;
}

export async function virtualEnvironment(
  requirements: readonly Requirements[],
  { executable, version }: PythonInterpreter,
): Promise<VirtualEnvironment> {
  const contents = await Promise.all(requirements.map(({ file }) => readFile(file, 'utf8')));
  const identity = [executable, version, ...contents].join('\n');
  const fingerprint = createHash('sha256').update(identity).digest('hex');
  const folder = path.join(cache, `venv-${fingerprint.slice(0, 16)}`);
  const complete = path.join(folder, 'complete');
  const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const isPrepared = await isFile(complete);
  return {
    python,
    isPrepared,
    prepare: async (say) => {
      if (isPrepared) {
        return;
      }
      await rm(folder, { recursive: true, force: true });
      await createVirtualEnvironment(executable, folder);
      for (const each of requirements) {
        say(
          `installing ${path.relative(root, each.file)} for Python ${version} into ${path.relative(root, folder)}`,
        );
        await install(python, each);
      }
      await writeFile(complete, '');
    },
  };
}

/** Finds a Python of one of these versions, such as `3.7`: on PATH, or installed by pyenv without being active. */
export async function findPythonVersion(versions: readonly string[]): Promise<PythonInterpreter | undefined> {
  const pyenv = path.join(process.env.PYENV_ROOT ?? path.join(homedir(), '.pyenv'), 'versions');
  const installed = await readdir(pyenv).catch(() => []);
  const commands = versions.flatMap((version) => [
    `python${version}`,
    ...installed
      .filter((name) => name.startsWith(`${version}.`))
      .map((name) => path.join(pyenv, name, 'bin/python3')),
  ]);
  for (const command of commands) {
    const found = await interpreterOf(command).catch(() => undefined);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

async function interpreterOf(command: string): Promise<PythonInterpreter> {
  const script = 'import sys; print(sys.executable); print("%d.%d.%d" % sys.version_info[:3])';
  const { stdout } = await run(command, ['-c', script]);
  const [executable = '', version = ''] = stdout.trim().split(/\r?\n/);
  return { executable, version };
}

/** @throws SetupError if there is none that is recent enough */
export async function findPython(): Promise<PythonInterpreter> {
  const command = process.env.PYTHON ?? (process.platform === 'win32' ? 'python' : 'python3');
  const { executable, version } = await interpreterOf(command).catch((error: unknown) => {
    throw new SetupError(
      `${command} does not run here; install Python 3.${OLDEST_MINOR_VERSION} or later (Debian and Ubuntu: ` +
        'apt-get install python3 python3-venv), or set PYTHON to its path',
      { cause: error },
    );
  });
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 3 || minor < OLDEST_MINOR_VERSION) {
    throw new SetupError(
      `${command} is Python ${version}; expected 3.${OLDEST_MINOR_VERSION} or later: set PYTHON to the path of a supported version`,
    );
  }
  return { executable, version };
}

async function createVirtualEnvironment(python: string, folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  await run(python, ['-m', 'venv', folder]).catch((error: unknown) => {
    throw new SetupError(
      `${python} cannot create a virtual environment; install venv and ensurepip (Debian and Ubuntu: ` +
        `apt-get install python3-venv). Its output:\n${outputOf(error)}`,
    );
  });
}

async function install(
  python: string,
  { file: requirementsFile, options: own = [] }: Requirements,
): Promise<void> {
  const options = [
    '--disable-pip-version-check',
    '--no-cache-dir',
    '--only-binary=:all:',
    '--retries=2',
    '--quiet',
    ...own,
  ];
  await run(python, ['-m', 'pip', 'install', ...options, '--requirement', requirementsFile]).catch(
    (error: unknown) => {
      const output = outputOf(error);
      if (/No matching distribution found|not a supported wheel|requires a different Python/.test(output)) {
        throw new NoReleaseError(`there is no release for this platform or Python. pip said:\n${output}`);
      }
      throw new SetupError(
        `cannot install ${path.basename(path.dirname(requirementsFile))}/${path.basename(requirementsFile)}; that needs the network: a way to https://pypi.org, or to the index that ` +
          `PIP_INDEX_URL names. Output of pip:\n${output}`,
      );
    },
  );
}

function outputOf(error: unknown): string {
  const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
  return `${stdout}${stderr}`.trim().split('\n').slice(-5).join('\n');
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
