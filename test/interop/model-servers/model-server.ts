import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';

import { tritonRepository } from '../../../lib/triton/triton-repository';
import type { AcceleratorOptions } from '../../../lib/server';
import { sampleDefinition } from '../../server/pipeline/support/sample';
import { SAMPLE_FOLDER } from '../sample-service-definitions';

const FEATURIZER = path.join(SAMPLE_FOLDER, 'models/efficientnet-lite0/featurizer.onnx');
const MODEL = 'efficientnet-lite0';

/** Command that starts a model server with the sample's featurizer, and how the service reaches it. */
export interface ModelServer {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly accelerator: AcceleratorOptions;
}

/** Prepares a model server in a folder, for the interpreter of its virtual environment. */
export const modelServers: Readonly<
  Record<string, (python: string, folder: string) => Promise<ModelServer>>
> = {
  mlserver: async (python, folder) => {
    const [httpPort, grpcPort, metricsPort] = await freePorts(3);
    const settings = {
      host: '127.0.0.1',
      http_port: httpPort,
      grpc_port: grpcPort,
      metrics_port: metricsPort,
    };
    await writeFile(
      path.join(folder, 'settings.json'),
      JSON.stringify({ ...settings, parallel_workers: 0, debug: false }),
    );
    const model = {
      name: MODEL,
      implementation: 'onnx_model.OnnxModel',
      parameters: { uri: FEATURIZER },
      inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 224, 224, 3] }],
      outputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 1, 1, 1280] }],
    };
    await writeFile(path.join(folder, 'model-settings.json'), JSON.stringify(model));
    return {
      command: path.join(path.dirname(python), 'mlserver'),
      args: ['start', folder],
      env: { PYTHONPATH: path.join(__dirname, 'mlserver') },
      // Its models have no version unless their settings say one.
      accelerator: { protocol: 'kserve-v2', address: `127.0.0.1:${grpcPort}`, modelVersion: '' },
    };
  },

  kserve: async (python) => {
    const [httpPort, grpcPort] = await freePorts(2);
    const script = path.join(__dirname, 'kserve/serve.py');
    return {
      command: python,
      args: [script, FEATURIZER, MODEL, 'image', 'features', String(httpPort), String(grpcPort)],
      env: {},
      accelerator: { protocol: 'kserve-v2', address: `127.0.0.1:${grpcPort}` },
    };
  },

  /** With the repository that `triton-repository` writes. */
  triton: async (python, folder) => {
    const [grpcPort] = await freePorts(1);
    const repository = path.join(folder, 'models');
    for (const [file, content] of tritonRepository(sampleDefinition())) {
      await mkdir(path.dirname(path.join(repository, file)), { recursive: true });
      await writeFile(path.join(repository, file), content);
    }
    const backend = path.join(folder, 'backends/onnxruntime');
    await mkdir(backend, { recursive: true });
    await copyFile(path.join(__dirname, 'triton/model.py'), path.join(backend, 'model.py'));
    return {
      ...(await tritonCommand(python, folder, repository, grpcPort)),
      accelerator: { protocol: 'kserve-v2', address: `127.0.0.1:${grpcPort}` },
    };
  },
};

/**
 * Prepares the Triton of `nvidia-pytriton`, with its Python backend.
 * @param folder to which the backends are copied
 */
export async function tritonCommand(
  python: string,
  folder: string,
  repository: string,
  grpcPort: number,
): Promise<Omit<ModelServer, 'accelerator'>> {
  const { packages, version } = await sitePackages(python);
  const triton = path.join(packages, 'pytriton/tritonserver');
  const backends = path.join(folder, 'backends');
  await cp(path.join(triton, 'backends'), backends, { recursive: true });
  const stub = path.join(triton, 'python_backend_stubs', version, 'triton_python_backend_stub');
  await copyFile(stub, path.join(backends, 'python/triton_python_backend_stub'));
  return {
    command: path.join(triton, 'bin/tritonserver'),
    args: [
      ...[`--model-repository=${repository}`, `--backend-directory=${backends}`],
      ...['--allow-http=false', '--allow-metrics=false'],
      ...['--grpc-address=127.0.0.1', `--grpc-port=${grpcPort}`],
    ],
    env: {
      LD_LIBRARY_PATH: path.join(packages, 'nvidia_pytriton.libs'),
      PATH: `${path.dirname(python)}${path.delimiter}${process.env.PATH ?? ''}`,
      PYTHONPATH: packages,
    },
  };
}

/** A model server that runs until it is stopped. */
export interface RunningServer {
  readonly pid: number;
  /** Why it ended, with its last lines; undefined while it runs. */
  readonly failure: () => string | undefined;
  stop(): Promise<void>;
}

export function run({ command, args, env }: ModelServer, folder: string): RunningServer {
  const child = spawn(command, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
  });
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      tail = `${tail}${chunk.toString()}`.slice(-4000);
    });
  }
  let failure: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failure = error.message;
      resolve();
    });
    child.once('close', (code) => {
      failure ??= `${path.basename(command)} ended with ${code ?? 'a signal'}:\n${tail}`;
      resolve();
    });
  });
  return {
    // A program that could not be started has none, and the failure says so.
    pid: child.pid ?? 0,
    failure: () => failure,
    stop: async () => {
      child.kill('SIGTERM');
      // Python servers wait for connections, which nobody closes any more.
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function sitePackages(python: string): Promise<{ packages: string; version: string }> {
  const script =
    'import sys, sysconfig; print(sysconfig.get_path("purelib")); print("%d.%d" % sys.version_info[:2])';
  const child = spawn(python, ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  const [packages = '', version = ''] = output.trim().split(/\r?\n/);
  return { packages, version };
}

/** These servers do not say which port the system gave them. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer());
  await Promise.all(
    probes.map(async (probe) => {
      probe.listen(0, '127.0.0.1');
      await once(probe, 'listening');
    }),
  );
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port);
  await Promise.all(
    probes.map(async (probe) => {
      probe.close();
      await once(probe, 'close');
    }),
  );
  return ports;
}
