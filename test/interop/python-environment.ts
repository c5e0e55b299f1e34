import { execFile } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { cache, prepareVirtualEnvironment } from './virtual-environment';

const run = promisify(execFile);

const root = path.resolve(__dirname, '../..');
const requirementsFile = path.join(__dirname, 'python/requirements.txt');

/** A Python that has the requirements installed, and the stubs that protoc made of proto/. */
export interface PythonEnvironment {
  readonly python: string;
  /** Goes into PYTHONPATH. */
  readonly stubs: string;
}

/**
 * Prepares a virtual environment, and generates the stubs anew.
 * @param say where a step that takes a while is announced
 * @throws SetupError
 */
export async function preparePython(say: (line: string) => void): Promise<PythonEnvironment> {
  const python = await prepareVirtualEnvironment(requirementsFile, say);
  return { python, stubs: await generateStubs(python) };
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
