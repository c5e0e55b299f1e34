import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import { parseLabels } from '../service-definition/service-definition-content';
import { parseTestFile, type SmokeTestFile } from './parse-options';
import { inputError, SmokeTestOptionError } from './smoke-test-error';
import type { SmokeTestOptions } from './smoke-test-options';
import { readInput, withFilesIn } from './target';

export type { SmokeTestFile } from './parse-options';

/** Extensions of the images that a scoring server decodes. */
const IMAGE = /\.(jpe?g|png|webp|gif|tiff?)$/i;

/**
 * Reads a smoke test from a JSON file.
 * @throws SmokeTestError SMOKE_TEST_INPUT, naming the field that is invalid
 */
export async function readSmokeTestFile(file: string): Promise<SmokeTestFile> {
  return parseSmokeTestFile((await readInput('smoke test', file)).toString('utf8'), file);
}

/** @throws SmokeTestError SMOKE_TEST_INPUT, naming the field that is invalid */
export function parseSmokeTestFile(text: string, file: string): SmokeTestFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw inputError(`the smoke test ${file} is not JSON (${(cause as Error).message})`, { cause });
  }
  try {
    return parseTestFile(content);
  } catch (error) {
    if (error instanceof SmokeTestOptionError) {
      const { option, finding, remedy } = error;
      throw new SmokeTestOptionError(option, `${file}: ${finding}`, { remedy });
    }
    throw error;
  }
}

/**
 * Options for {@link runSmokeTest} from a smoke test in JSON.
 * @param folder folder that the paths of the samples and the labels are relative to
 * @param deploymentFolder folder that the paths of the target's files and the baseline are relative to
 * @throws SmokeTestError SMOKE_TEST_INPUT for a folder or a labels file that cannot be read, and without a target
 */
export async function optionsOf(
  { target, samples, labelsFile, baseline, ...settings }: SmokeTestFile,
  folder: string,
  deploymentFolder = folder,
): Promise<SmokeTestOptions> {
  if (!target) {
    throw inputError('target is missing', { remedy: 'set it' });
  }
  const found = await Promise.all(
    samples.map(async (sample) =>
      (await findSamples(path.resolve(folder, sample.path))).map((file) => ({ ...sample, path: file })),
    ),
  );
  return {
    ...settings,
    target: withFilesIn(deploymentFolder, target),
    samples: found.flat(),
    labels: labelsFile === undefined ? undefined : await readLabels(path.resolve(folder, labelsFile)),
    baseline: baseline && { ...baseline, file: path.resolve(deploymentFolder, baseline.file) },
  };
}

/**
 * The file itself, or the images of a folder in the order of their names, without those in folders below it.
 * @throws SmokeTestError SMOKE_TEST_INPUT for a folder without images
 */
export async function findSamples(file: string): Promise<string[]> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isDirectory()) {
    // A file that is missing is reported when it is read.
    return [file];
  }
  const images = (await readdir(file)).filter((name) => IMAGE.test(name)).sort();
  if (images.length === 0) {
    throw inputError(`the folder ${file} contains no images; expected JPEG, PNG, WebP, GIF or TIFF files`);
  }
  return images.map((name) => path.join(file, name));
}

/** @throws SmokeTestError SMOKE_TEST_INPUT */
export async function readLabels(file: string): Promise<string[]> {
  return parseLabels((await readInput('labels', file)).toString('utf8'));
}
