import { readFile } from 'node:fs/promises';

import { Option, type Command } from 'commander';

import type { Classification } from '../client/classification';
import { readServiceKey } from '../client/key-file';
import type { PredictionClient } from '../client/prediction-client';
import type { PredictionClientOptions } from '../client/prediction-client-options';
import { BrainwaveError } from '../errors/brainwave-error';
import { exitCodeOf, exitCodes } from '../errors/exit-code';
import type { LocalWorkloadStatus } from '../local/local-workload';
import { colorEnabled } from '../report/paint';
import { formatTopClasses } from '../report/top-classes';
import { parseLabels } from '../service-definition/service-definition-content';
import { numberAbove, wholeNumber } from '../validation/number-range';
import { resolveLocalService } from './local';
import { numberOption } from './number-option';
import { reportFailure, UsageError } from './report-failure';

interface ScoreOptions {
  readonly address?: string | undefined;
  readonly service?: string | undefined;
  readonly serverName?: string | undefined;
  readonly rootCertificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly plaintext?: true | undefined;
  readonly labelsFile?: string | undefined;
  readonly top: number;
  readonly json?: true | undefined;
  readonly modelName?: string | undefined;
  readonly callTimeoutSeconds: number;
}

/** Result of scoring an image. */
type ImageResult =
  | {
      readonly image: string;
      readonly classes: readonly Classification[];
      /** Why the probabilities may be none. */
      readonly warning?: string | undefined;
    }
  | { readonly image: string; readonly error: BrainwaveError };

/** Finds the local service with a name, or the only one. */
type LocalServiceResolver = (name?: string) => Promise<LocalWorkloadStatus>;

/** `cdktf-brainwave score`: scores images and draws their top classes. */
export function registerScoreCommand(
  program: Command,
  resolveService: LocalServiceResolver = resolveLocalService,
): void {
  program
    .command('score')
    .description('score images with a web service (default: the only local one)')
    .argument('<image...>', 'image files: JPEG, PNG, WebP, GIF, TIFF')
    .option('-a, --address <host:port>', 'web service to call')
    .addOption(new Option('-s, --service <name>', 'local service to call').conflicts('address'))
    .option('--server-name <name>', 'host name to check the certificate against (default: the host)')
    .option('--root-certificate-file <file>', 'PEM file with the certificates to trust')
    .option('--key-file <file>', 'file with the key, or {"primaryKey","secondaryKey"} (- for standard input)')
    .option('--plaintext', 'call without TLS')
    .option('--labels-file <file>', 'file with the names of the classes, one per line, class 0 first')
    .option('-n, --top <number>', 'number of classes to show', numberOption(wholeNumber(1)), 5)
    .option('--json', 'write a JSON array')
    .option('--model-name <name>', 'model to call')
    .option('--call-timeout-seconds <number>', 'time limit for one call', numberOption(numberAbove(0)), 30)
    .addHelpText('after', '\nThe key can also be passed in the environment variable BRAINWAVE_KEY.')
    .action(async (images: string[], options: ScoreOptions) => {
      const exitCode = await score(images, options, resolveService).catch((error: unknown) => {
        reportFailure(error);
        return exitCodeOf(error);
      });
      // A hanging connection attempt would keep the process running for minutes.
      process.exit(exitCode);
    });
}

async function score(
  images: readonly string[],
  options: ScoreOptions,
  resolveService: LocalServiceResolver,
): Promise<number> {
  const service = options.address === undefined ? await resolveService(options.service) : undefined;
  const labelsFile = options.labelsFile ?? service?.labelsFile ?? undefined;
  const labels =
    labelsFile === undefined
      ? undefined
      : parseLabels((await readOption('labels file', labelsFile)).toString('utf8'));
  const clientOptions = await connectionOptions(options, service);
  const { PredictionClient } =
    require('../client/prediction-client') as typeof import('../client/prediction-client');
  const client = new PredictionClient(clientOptions);
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort();
  });
  const results: ImageResult[] = [];
  for (const image of images) {
    const result = await scoreImage(client, image, { labels, top: options.top, signal: interrupted.signal });
    results.push(result);
    if (!options.json) {
      show(result);
    }
  }
  client.close();
  if (options.json) {
    results.forEach(warn);
    process.stdout.write(`${JSON.stringify(results.map(toJson), undefined, 2)}\n`);
  }
  // Among several failures, a usage error (2) takes precedence over a refused image (1).
  return Math.max(
    ...results.map((result) => ('error' in result ? exitCodeOf(result.error) : exitCodes.passed)),
  );
}

/** A problem with an image becomes its result. A problem with the service ends the command. */
async function scoreImage(
  client: PredictionClient,
  image: string,
  options: { labels?: readonly string[] | undefined; top: number; signal: AbortSignal },
): Promise<ImageResult> {
  let bytes: Buffer;
  try {
    bytes = await readFile(image);
  } catch (error) {
    return { image, error: unreadable('image', image, error) };
  }
  let probabilities: Float32Array;
  try {
    probabilities = await client.predictImage(bytes, { signal: options.signal });
  } catch (error) {
    if (error instanceof BrainwaveError && error.code === 'INVALID_INPUT') {
      return { image, error };
    }
    throw error;
  }
  const { topClasses } = require('../client/classification') as typeof import('../client/classification');
  const { findProbabilityProblem } =
    require('../client/probabilities') as typeof import('../client/probabilities');
  const problem = findProbabilityProblem(probabilities);
  return {
    image,
    classes: topClasses(probabilities, { labels: options.labels, top: options.top }),
    warning: problem && `${problem.finding}; ${problem.remedy}`,
  };
}

async function connectionOptions(
  options: ScoreOptions,
  service: LocalWorkloadStatus | undefined,
): Promise<PredictionClientOptions> {
  if (service?.pid === null) {
    throw new UsageError(
      `the local service ${service.name} is not running; start it with: cdktf-brainwave local up ${service.name}`,
    );
  }
  const plaintext = options.plaintext ?? (service ? !service.tls : false);
  const rootCertificateFile = options.rootCertificateFile ?? service?.rootCertificateFile ?? undefined;
  return {
    address: options.address ?? (service ? `${bracketed(service.address)}:${service.port}` : ''),
    serverName: options.serverName ?? service?.hostname ?? undefined,
    plaintext,
    rootCertificates:
      plaintext || rootCertificateFile === undefined
        ? undefined
        : await readOption('root certificate', rootCertificateFile),
    key: await findKey(options, service),
    modelName: options.modelName,
    deadlineMs: options.callTimeoutSeconds * 1000,
  };
}

async function findKey(
  { keyFile }: ScoreOptions,
  service: LocalWorkloadStatus | undefined,
): Promise<string | undefined> {
  if (keyFile !== undefined) {
    return readServiceKey(keyFile);
  }
  if (service) {
    return service.keyFile === null ? undefined : readServiceKey(service.keyFile);
  }
  // Pipelines pass an empty variable for an unset value.
  const key = process.env.BRAINWAVE_KEY?.trim();
  return key === '' ? undefined : key;
}

async function readOption(what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(what, file, error);
  }
}

function unreadable(what: string, file: string, cause: unknown): UsageError {
  const { code } = cause as NodeJS.ErrnoException;
  return new UsageError(`the ${what} ${file} cannot be read (${String(code)}); check its path`, { cause });
}

function show(result: ImageResult): void {
  if ('error' in result) {
    process.stderr.write(`${result.image}: ${result.error.message}\n`);
    return;
  }
  warn(result);
  const width = Math.min(process.stdout.columns || 80, 100);
  process.stdout.write(
    formatTopClasses(result.image, result.classes, { width, color: colorEnabled(process.stdout) }),
  );
}

/** Standard output is for results alone. */
function warn({ image, ...result }: ImageResult): void {
  if ('warning' in result && result.warning !== undefined) {
    process.stderr.write(`warning: ${image}: ${result.warning}\n`);
  }
}

function toJson(result: ImageResult): unknown {
  return 'error' in result
    ? { image: result.image, error: { code: result.error.code, message: result.error.message } }
    : result;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
