import { randomBytes } from 'node:crypto';
import path from 'node:path';

import { PredictionClient } from '../dist/lib/client';
import { MEMORY_ENVIRONMENT } from '../dist/lib/process/server-environment';
import { BrainwaveModel, ServiceDefinition, SoftwareModel, Stage } from '../dist/lib/service-definition';
import { serve } from '../test/interop/served-model';
import { readFileSync } from 'node:fs';

const quickstart = path.resolve(__dirname, '../examples/quickstart');
const models = path.join(quickstart, 'models');
/** Path of `chelsea.png`. */
export const sampleImage = path.join(quickstart, 'images/chelsea.png');

/** The quickstart's service, run by `cdktf-brainwave serve` with TLS and keys, in the environment of a deployed server. */
export interface SampleService {
  readonly address: string;
  readonly hostname: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly labelsFile: string;
  /** `chelsea.png`. */
  readonly image: string;
  client(): PredictionClient;
  readonly stop: () => Promise<void>;
}

/** @param options of `serve`, besides those for TLS and keys */
export async function startSampleService(
  folder: string,
  options?: readonly string[],
): Promise<SampleService> {
  const keys = {
    primaryKey: randomBytes(24).toString('base64url'),
    secondaryKey: randomBytes(24).toString('base64url'),
  };
  const server = await serve(folder, 'sample', sampleServiceDefinition(), keys, options, MEMORY_ENVIRONMENT);
  const { address, hostname, certificateFile, keyFile } = server.served;
  return {
    address,
    hostname,
    certificateFile,
    keyFile,
    labelsFile: path.join(models, 'imagenet-labels.txt'),
    image: sampleImage,
    client: () =>
      new PredictionClient({
        address,
        serverName: hostname,
        rootCertificates: readFileSync(certificateFile),
        key: keys.primaryKey,
      }),
    stop: () => server.stop(),
  };
}

/** The quickstart's service without TLS and keys, with two workers, in the environment of a deployed server. */
export interface PlaintextSampleService {
  readonly pid: number;
  readonly address: string;
  /** Milliseconds from its start until it was ready. */
  readonly readyMs: number;
  readonly client: PredictionClient;
  /** `chelsea.png`. */
  readonly image: string;
  readonly stop: () => Promise<void>;
}

/** @param environment variables besides those of this process and of every deployed server */
export async function startPlaintextSampleService(
  folder: string,
  environment?: NodeJS.ProcessEnv,
): Promise<PlaintextSampleService> {
  const options = ['--max-in-flight', '100', '--workers', '2'];
  const definition = sampleServiceDefinition();
  const server = await serve(folder, 'plaintext', definition, undefined, options, {
    ...MEMORY_ENVIRONMENT,
    ...environment,
  });
  const client = new PredictionClient({ address: server.served.address, plaintext: true });
  return {
    pid: server.served.pid,
    address: server.served.address,
    readyMs: server.readyMs,
    client,
    image: sampleImage,
    stop: async () => {
      client.close();
      await server.stop();
    },
  };
}

/** Returns the quickstart's pipeline: decode and scale, compute features, classify. */
export function sampleServiceDefinition(): ServiceDefinition {
  return new ServiceDefinition({
    stages: [
      Stage.image({ resize: 256, crop: 224 }),
      Stage.brainwave({
        model: BrainwaveModel.custom('efficientnet-lite0', {
          inputSize: [224, 224, 3],
          outputTensorDims: [1, 1, 1, 1280],
        }),
        software: SoftwareModel.onnx({
          path: path.join(models, 'efficientnet-lite0/featurizer.onnx'),
          inputTensor: 'image',
          outputTensor: 'features',
        }),
      }),
      Stage.tensorflow({
        name: 'classifier',
        path: path.join(models, 'efficientnet-lite0/classifier.pb'),
        inputTensor: 'features:0',
        outputTensor: 'probabilities:0',
      }),
    ],
    labels: path.join(models, 'imagenet-labels.txt'),
  });
}
