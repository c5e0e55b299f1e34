import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One call of a `PredictionClient` of Azure ML. */
export interface AzureCall {
  /** `contrib` for azureml-contrib-brainwave, `accel` for azureml-accel-models. */
  readonly client: 'contrib' | 'accel';
  readonly port: number;
  readonly ssl: boolean;
  readonly key: string;
  /** With the one-line fix for the key of `contrib`. */
  readonly fixed?: boolean;
  readonly method: 'score_image' | 'score_file' | 'score_numpy_array' | 'score_numpy_arrays';
  readonly image?: string;
  readonly array?: readonly (readonly number[])[];
  /** numpy's name of the array's type. @default 'float32' */
  readonly dtype?: string;
}

export interface AzureResult {
  readonly answer?: unknown;
  readonly error?: string;
  readonly status?: string | null;
}

/** Makes calls of one client in one process. */
export async function callWithAzureClient(
  python: string,
  calls: readonly AzureCall[],
  env: NodeJS.ProcessEnv = {},
): Promise<AzureResult[]> {
  const script = path.join(__dirname, 'azure_clients.py');
  const { stdout } = await run(python, ['-W', 'ignore', script, JSON.stringify(calls)], {
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      GRPC_VERBOSITY: 'ERROR',
      TF_CPP_MIN_LOG_LEVEL: '3',
      ...env,
    },
    maxBuffer: 2 ** 26,
  });
  // The clients print each retry.
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as AzureResult[];
}

/** What ovmsclient says of a model, and its answer for an image's file or an array as JSON. */
export async function callWithOvmsClient(
  python: string,
  ...args: readonly string[]
): Promise<{ status: unknown; metadata: unknown; answer: number[][] }> {
  const { stdout } = await run(python, [path.join(__dirname, 'ovms_client.py'), ...args], {
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout) as { status: unknown; metadata: unknown; answer: number[][] };
}
