import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { LocalError } from '../errors/local-error';
import { withLock } from '../process/lock';
import { PRIVATE_FOLDER } from '../files/secret-file';

const run = promisify(execFile);

/**
 * Oldest Python that the inference server supports.
 * @see https://pypi.org/project/azureml-inference-server-http/
 */
const OLDEST_MINOR_VERSION = 8;
const REPORTED_LINES = 10;

export interface PythonEnvironmentOptions {
  /** Content of a pip requirements file. */
  readonly requirements: string;
  /** Parent folder of the environments. */
  readonly folder: string;
  /** Receives a message about each step that takes a long time. */
  readonly onProgress: (message: string) => void;
}

/**
 * Creates a virtual environment with these packages, or reuses the one for the same Python and the same list.
 * @returns path of its interpreter
 * @throws LocalError PYTHON_MISSING, or PYTHON_PACKAGES with pip's last lines
 */
export async function providePythonEnvironment(options: PythonEnvironmentOptions): Promise<string> {
  const { requirements, onProgress } = options;
  const { executable, version } = await findPython();
  const fingerprint = createHash('sha256').update(`${executable}\n${version}\n${requirements}`).digest('hex');
  const folder = path.join(options.folder, fingerprint.slice(0, 16));
  const complete = path.join(folder, 'complete');
  const python = path.join(folder, 'bin/python');
  if (await isFile(complete)) {
    return python;
  }
  await mkdir(options.folder, { recursive: true, mode: PRIVATE_FOLDER });
  await withLock(
    `${folder}.lock`,
    async () => {
      // Another process may have created it in the meantime.
      if (await isFile(complete)) {
        return;
      }
      onProgress(`installing the entry script's packages for Python ${version} into ${folder}`);
      await rm(folder, { recursive: true, force: true });
      await createVirtualEnvironment(executable, folder);
      await install(python, requirements, folder);
      await writeFile(complete, '');
    },
    (pid) => {
      onProgress(`waiting for process ${pid}, which installs the same packages`);
    },
  );
  return python;
}

async function findPython(): Promise<{ executable: string; version: string }> {
  const command = process.env.PYTHON ?? 'python3';
  const script = 'import sys; print(sys.executable); print("%d.%d.%d" % sys.version_info[:3])';
  const { stdout } = await run(command, ['-c', script]).catch((error: unknown) => {
    throw new LocalError(
      'PYTHON_MISSING',
      `entry scripts require Python, but ${command} cannot be run; install Python ` +
        `3.${OLDEST_MINOR_VERSION} or later (Debian and Ubuntu: apt-get install python3 python3-venv), ` +
        'or set PYTHON to its path',
      { cause: error },
    );
  });
  const [executable = '', version = ''] = stdout.trim().split(/\r?\n/);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 3 || minor < OLDEST_MINOR_VERSION) {
    throw new LocalError(
      'PYTHON_MISSING',
      `${command} is Python ${version}, but the inference server requires 3.${OLDEST_MINOR_VERSION} or later; ` +
        'set PYTHON to the path of a supported version',
    );
  }
  return { executable, version };
}

async function createVirtualEnvironment(python: string, folder: string): Promise<void> {
  await run(python, ['-m', 'venv', folder]).catch((error: unknown) => {
    throw new LocalError(
      'PYTHON_MISSING',
      `${python} cannot create a virtual environment; install venv and ensurepip (Debian and Ubuntu: ` +
        `apt-get install python3-venv). Its output:\n${outputOf(error)}`,
    );
  });
}

async function install(python: string, requirements: string, folder: string): Promise<void> {
  const list = path.join(folder, 'requirements.txt');
  await writeFile(list, requirements);
  const options = ['--disable-pip-version-check', '--no-input', '--quiet', '--requirement', list];
  await run(python, ['-m', 'pip', 'install', ...options]).catch((error: unknown) => {
    throw new LocalError(
      'PYTHON_PACKAGES',
      "cannot install the entry script's packages; check their names and versions, and the connection to " +
        `https://pypi.org or to the index in PIP_INDEX_URL. Output of pip:\n${outputOf(error)}`,
    );
  });
}

function outputOf(error: unknown): string {
  const { stdout = '', stderr = '' } = error as { stdout?: string | undefined; stderr?: string | undefined };
  return `${stdout}${stderr}`.trim().split('\n').slice(-REPORTED_LINES).join('\n');
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
