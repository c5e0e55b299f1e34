import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { SetupError } from './setup-error';

const run = promisify(execFile);

const root = path.resolve(__dirname, '../..');
const cache = path.join(root, 'node_modules/.cache/cdktf-brainwave-interop');
const requirementsFile = path.join(__dirname, 'python/requirements.txt');
const OLDEST_MINOR_VERSION = 9;

/** A Python that has the requirements installed, and the stubs that protoc made of proto/. */
export interface PythonEnvironment {
  readonly python: string;
  /** Goes into PYTHONPATH. */
  readonly stubs: string;
}

/**
 * Makes a virtual environment in the ignored cache, or takes the one that is there for the same Python and the
 * same requirements, and generates the stubs anew.
 * @param say where a step that takes a while is announced
 * @throws SetupError
 */
export async function preparePython(say: (line: string) => void): Promise<PythonEnvironment> {
  const { executable, version } = await findPython();
  const requirements = await readFile(requirementsFile, 'utf8');
  const fingerprint = createHash('sha256').update(`${executable}\n${version}\n${requirements}`).digest('hex');
  const folder = path.join(cache, `venv-${fingerprint.slice(0, 16)}`);
  const complete = path.join(folder, 'complete');
  const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (!(await isFile(complete))) {
    say(
      `installing ${path.relative(root, requirementsFile)} for Python ${version} into ${path.relative(root, folder)}`,
    );
    await rm(folder, { recursive: true, force: true });
    await createVirtualEnvironment(executable, folder);
    await install(python);
    await writeFile(complete, '');
  }
  return { python, stubs: await generateStubs(python) };
}

async function findPython(): Promise<{ executable: string; version: string }> {
  const command = process.env.PYTHON ?? (process.platform === 'win32' ? 'python' : 'python3');
  const script = 'import sys; print(sys.executable); print("%d.%d.%d" % sys.version_info[:3])';
  const { stdout } = await run(command, ['-c', script]).catch((error: unknown) => {
    throw new SetupError(
      `${command} does not run here; install Python 3.${OLDEST_MINOR_VERSION} or later (Debian and Ubuntu: ` +
        'apt-get install python3 python3-venv), or set PYTHON to its path',
      { cause: error },
    );
  });
  const [executable = '', version = ''] = stdout.trim().split(/\r?\n/);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 3 || minor < OLDEST_MINOR_VERSION) {
    throw new SetupError(
      `${command} is Python ${version}; expected 3.${OLDEST_MINOR_VERSION} or later: set PYTHON to the path of one`,
    );
  }
  return { executable, version };
}

async function createVirtualEnvironment(python: string, folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  await run(python, ['-m', 'venv', folder]).catch((error: unknown) => {
    throw new SetupError(
      `${python} cannot make a virtual environment; it needs venv and ensurepip (Debian and Ubuntu: ` +
        `apt-get install python3-venv). It said:\n${outputOf(error)}`,
    );
  });
}

async function install(python: string): Promise<void> {
  const options = [
    '--disable-pip-version-check',
    '--no-cache-dir',
    '--only-binary=:all:',
    '--retries=2',
    '--quiet',
  ];
  await run(python, ['-m', 'pip', 'install', ...options, '--requirement', requirementsFile]).catch(
    (error: unknown) => {
      throw new SetupError(
        'cannot install grpcio; that needs the network: a way to https://pypi.org, or to the index that ' +
          `PIP_INDEX_URL names. pip said:\n${outputOf(error)}`,
      );
    },
  );
}

async function generateStubs(python: string): Promise<string> {
  const stubs = path.join(cache, 'stubs');
  await rm(stubs, { recursive: true, force: true });
  await mkdir(stubs, { recursive: true });
  const protos = path.join(root, 'proto');
  const files = (await readdir(protos, { recursive: true })).filter((file) => file.endsWith('.proto'));
  const tensorflow = files.filter((file) => file.startsWith('tensorflow'));
  await protoc(python, stubs, `-I${protos}`, tensorflow);
  // A folder named `grpc` would lie hidden behind the package of that name.
  const health = path.join(protos, 'grpc/health/v1');
  await protoc(python, stubs, `-Igrpc_health/v1=${health}`, ['grpc_health/v1/health.proto']);
  return stubs;
}

async function protoc(python: string, stubs: string, include: string, files: string[]): Promise<void> {
  const outputs = [`--python_out=${stubs}`, `--grpc_python_out=${stubs}`];
  await run(python, ['-m', 'grpc_tools.protoc', include, ...outputs, ...files]);
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
