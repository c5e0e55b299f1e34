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
 * @throws SmokeTestError SMOKE_TEST_INPUT with the invalid field
 */
export async function readSmokeTestFile(file: string): Promise<SmokeTestFile> {
  return parseSmokeTestFile((await readInput('smoke test', file)).toString('utf8'), file);
}

/** @throws SmokeTestError SMOKE_TEST_INPUT with the invalid field */
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
 * Converts a smoke test in JSON to options of {@link runSmokeTest}.
 * @param folder folder to which the paths of the samples and the labels are relative
 * @param deploymentFolder folder to which the paths of the target's files and the baseline are relative
 * @throws SmokeTestError SMOKE_TEST_INPUT if a folder or the labels file cannot be read, or the target is missing
 */
export async function optionsOf(
  { target, samples, labelsFile, baseline, reference, ...settings }: SmokeTestFile,
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
    reference: reference && { ...reference, target: withFilesIn(deploymentFolder, reference.target) },
    baseline: baseline && { ...baseline, file: path.resolve(deploymentFolder, baseline.file) },
  };
}

/**
 * Returns the file itself, or the images of a folder, sorted by name, without subfolders.
 * @throws SmokeTestError SMOKE_TEST_INPUT if a folder contains no images
 */
export async function findSamples(file: string): Promise<string[]> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isDirectory()) {
    // A missing file is reported when it is read.
    return [file];
  }
  const images = (await readdir(file)).filter((name) => IMAGE.test(name)).sort();
  if (images.length === 0) {
    throw inputError(`the folder ${file} contains no images; expected JPEG, PNG, WebP, GIF or TIFF files`);
  }
  return images.map((name) => path.join(file, name));
}

/** @throws SmokeTestError SMOKE_TEST_INPUT if the file cannot be read */
export async function readLabels(file: string): Promise<string[]> {
  return parseLabels((await readInput('labels', file)).toString('utf8'));
}
