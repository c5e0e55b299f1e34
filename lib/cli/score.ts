import { readFile } from 'node:fs/promises';

import type { Command } from 'commander';

import type { Classification } from '../client/classification';
import type { PredictionClient } from '../client/prediction-client';
import { BrainwaveError } from '../errors/brainwave-error';
import { exitCodeOf, exitCodes } from '../errors/exit-code';
import { colorEnabled } from '../report/paint';
import { formatTopClasses } from '../report/top-classes';
import { wholeNumber } from '../validation/number-range';
import { resolveLocalService } from './local';
import { numberOption } from './number-option';
import { reportFailure } from './report-failure';
import {
  addServiceFlags,
  findService,
  unreadable,
  type LocalServiceResolver,
  type ServiceFlags,
} from './service-flags';

interface ScoreOptions extends ServiceFlags {
  readonly top: number;
  readonly json?: true | undefined;
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

/** `cdktf-brainwave score`: scores images and draws their top classes. */
export function registerScoreCommand(
  program: Command,
  resolveService: LocalServiceResolver = resolveLocalService,
): void {
  const command = program
    .command('score')
    .description('score images with a web service (default: the only local one)')
    .argument('<image...>', 'image files: JPEG, PNG, WebP, GIF, TIFF')
    .option('-n, --top <number>', 'number of classes to show', numberOption(wholeNumber(1)), 5)
    .option('--json', 'write a JSON array');
  addServiceFlags(command).action(async (images: string[], options: ScoreOptions) => {
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
  const { clientOptions, labels } = await findService(options, resolveService);
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
