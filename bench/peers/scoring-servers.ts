import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

import { PredictionClient } from '../../dist/lib/client';
import { resolveOptions } from '../../dist/lib/client/prediction-client-options';
import { ServiceCaller } from '../../dist/lib/client/service-caller';
import { messageType, serviceDefinition } from '../../dist/lib/wire/proto/load';
import type { ModelInferRequest } from '../../dist/lib/wire/proto/types/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '../../dist/lib/wire/proto/types/inference/ModelInferResponse';
import type { GraphDef, GraphDef__Output } from '../../dist/lib/wire/proto/types/tensorflow/GraphDef';
import { preparePython } from '../../test/interop/python-environment';
import { SetupError } from '../../test/interop/setup-error';
import { findPython, virtualEnvironment } from '../../test/interop/virtual-environment';
import {
  freePorts,
  run,
  tritonCommand,
  type ModelServer,
} from '../../test/interop/model-servers/model-server';
import type { ScoringClient } from '../client-load';
import { MissingPeerError } from '../row';

/** Servers that score the sample's images with Pillow and onnxruntime. */
export type PeerKind = 'grpcio' | 'kserve' | 'mlserver' | 'triton';

/** A running server of a peer. */
export interface ScoringPeer {
  readonly pid: number;
  /** Milliseconds from its start until it had scored an image. */
  readonly readyMs: number;
  readonly client: ScoringClient;
  stop(): Promise<void>;
}

const runProgram = promisify(execFile);
const programs = path.join(__dirname, 'python-servers');
const interop = path.resolve(__dirname, '../../test/interop/model-servers');
const sample = path.resolve(__dirname, '../../examples/quickstart/models/efficientnet-lite0');
const START_MS = 120_000;
const say = (line: string) => process.stderr.write(`${line}\n`);

/**
 * Installs and starts a server, without TLS, and waits until it has scored an image.
 * @throws MissingPeerError if it cannot be installed
 */
export async function startScoringPeer(
  kind: PeerKind,
  folder: string,
  image: Uint8Array,
): Promise<ScoringPeer> {
  const python = await prepare(kind);
  const model = await exportModel(path.join(folder, 'model'));
  const [grpcPort, httpPort, metricsPort] = await freePorts(3);
  const { command, args, env } = await commandOf(kind, python, folder, { grpcPort, httpPort, metricsPort });
  const startedAt = performance.now();
  const server = run(
    {
      command,
      args,
      env: { BENCH_MODEL: model, ...env },
      accelerator: { protocol: 'kserve-v2', address: `127.0.0.1:${grpcPort}` },
    },
    folder,
  );
  const { client, close } = clientOf(kind, grpcPort);
  const stop = async () => {
    close();
    await server.stop();
  };
  for (;;) {
    try {
      await client.predictImage(image);
      return { pid: server.pid, readyMs: performance.now() - startedAt, client, stop };
    } catch (error) {
      const failure = server.failure();
      if (failure !== undefined || performance.now() - startedAt > START_MS) {
        await stop();
        throw new Error(failure ?? `${kind} does not answer: ${(error as Error).message}`, { cause: error });
      }
      await delay(20);
    }
  }
}

/**
 * Installs a server's packages.
 * @returns their folder
 * @throws MissingPeerError if they cannot be installed
 */
export async function scoringPeerPackages(kind: PeerKind): Promise<string> {
  const python = await prepare(kind);
  const script = 'import sysconfig; print(sysconfig.get_path("purelib"))';
  return (await runProgram(python, ['-c', script])).stdout.trim();
}

async function prepare(kind: PeerKind): Promise<string> {
  try {
    const requirements =
      kind === 'grpcio'
        ? [{ file: path.join(programs, 'requirements.txt') }]
        : [
            { file: path.join(interop, kind, 'requirements.txt') },
            { file: path.join(programs, 'images.txt') },
          ];
    const { python, prepare } = await virtualEnvironment(requirements, await findPython());
    await prepare(say);
    return python;
  } catch (error) {
    throw error instanceof SetupError ? new MissingPeerError(error.message.split('\n')[0]) : error;
  }
}

interface Ports {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly metricsPort: number;
}

async function commandOf(
  kind: PeerKind,
  python: string,
  folder: string,
  { grpcPort, httpPort, metricsPort }: Ports,
): Promise<Omit<ModelServer, 'accelerator'>> {
  switch (kind) {
    case 'grpcio': {
      const { stubs } = await preparePython(say);
      return {
        command: python,
        args: [path.join(programs, 'grpcio_server.py'), `${grpcPort}`],
        env: { PYTHONPATH: stubs },
      };
    }
    case 'kserve':
      return {
        command: python,
        args: [path.join(programs, 'kserve_server.py'), `${httpPort}`, `${grpcPort}`],
        env: {},
      };
    case 'triton': {
      const repository = path.join(folder, 'models');
      await cp(path.join(programs, 'triton'), repository, { recursive: true });
      // Triton searches the model's own folder for modules.
      await cp(path.join(programs, 'scorer.py'), path.join(repository, 'sample/1/scorer.py'));
      return tritonCommand(python, folder, repository, grpcPort);
    }
    case 'mlserver': {
      const settings = {
        ...{ host: '127.0.0.1', http_port: httpPort, grpc_port: grpcPort, metrics_port: metricsPort },
        ...{ parallel_workers: 0, debug: false },
      };
      await writeFile(path.join(folder, 'settings.json'), JSON.stringify(settings));
      const model = { name: 'sample', implementation: 'mlserver_model.Classifier' };
      await writeFile(path.join(folder, 'model-settings.json'), JSON.stringify(model));
      return {
        command: path.join(path.dirname(python), 'mlserver'),
        args: ['start', folder],
        env: { PYTHONPATH: programs },
      };
    }
  }
}

function clientOf(kind: PeerKind, port: number): { client: ScoringClient; close: () => void } {
  const options = { address: `127.0.0.1:${port}`, plaintext: true };
  if (kind === 'grpcio') {
    const client = new PredictionClient(options);
    return {
      client,
      close: () => {
        client.close();
      },
    };
  }
  const caller = new ServiceCaller(resolveOptions(options));
  const { ModelInfer } = serviceDefinition('inference.GRPCInferenceService');
  return {
    client: {
      predictImage: async (image) => {
        const request: ModelInferRequest = {
          modelName: 'sample',
          inputs: [
            {
              name: 'image',
              datatype: 'BYTES',
              shape: [1],
              contents: { bytesContents: [Buffer.from(image)] },
            },
          ],
        };
        const answer = (await caller.call(ModelInfer, request)) as ModelInferResponse__Output;
        const raw = answer.rawOutputContents.at(0);
        return raw
          ? new Float32Array(new Uint8Array(raw).buffer)
          : Float32Array.from(answer.outputs[0].contents?.fp32Contents ?? []);
      },
    },
    close: () => {
      caller.close();
    },
  };
}

/** Writes the sample as onnxruntime and NumPy read it: the classifier is one layer, whose weights are in its graph. */
async function exportModel(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const featurizer = await readFile(path.join(sample, 'featurizer.onnx'));
  await writeFile(path.join(folder, 'featurizer.onnx'), featurizer);
  const graph = messageType<GraphDef, GraphDef__Output>('tensorflow.GraphDef').deserialize(
    await readFile(path.join(sample, 'classifier.pb')),
  );
  const constants = graph.node
    .filter(({ op }) => op === 'Const')
    .map(({ attr }) => attr.value.tensor?.tensorContent ?? Buffer.alloc(0));
  const find = (floats: number) => {
    const found = constants.find((content) => content.length === 4 * floats);
    if (!found) {
      throw new Error(`the classifier has no constant of ${floats} floats`);
    }
    return found;
  };
  await writeFile(path.join(folder, 'weights.bin'), find(1280 * 1000));
  await writeFile(path.join(folder, 'bias.bin'), find(1000));
  return folder;
}
