import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { parseLabels } from '../service-definition/service-definition-content';
import { findSamples } from './find-samples';
import { inputError } from './smoke-test-error';
import type { SmokeTestOptions } from './smoke-test-options';
import { withFilesIn } from './target-files';
import { targetSchema } from './target-schema';

const probability = z.coerce.number().min(0).max(1);
const expectationSchema = z.strictObject({
  label: z.string().optional(),
  classIndex: z.coerce.number().int().min(0).optional(),
  top: z.coerce.number().int().min(1).optional(),
  minimumProbability: probability.optional(),
  jsonPath: z.string().optional(),
  equalTo: z.json().optional(),
  argmax: z.coerce.number().int().min(0).optional(),
});

/**
 * A smoke test as a file, or a stack, describes it. Paths are relative to the folder that the file is in; numbers may
 * be texts, as Terraform's templates make them.
 */
export const smokeTestFileSchema = z.strictObject({
  /** May be absent where it is named otherwise: a manifest of samples serves every stage of a deployment. */
  target: targetSchema.optional(),
  /** Files; a folder stands for the images in it. */
  samples: z.array(z.strictObject({ path: z.string(), expect: expectationSchema.optional() })).min(1),
  expect: expectationSchema.optional(),
  /** A line a class, class 0 first. */
  labelsFile: z.string().optional(),
  readyTimeoutSeconds: z.coerce.number().min(0).optional(),
  callTimeoutSeconds: z.coerce.number().positive().optional(),
  rollout: z
    .strictObject({ modelVersion: z.string(), connections: z.coerce.number().int().min(1) })
    .optional(),
  minimumDaysToExpiry: z.coerce.number().optional(),
  warm: z
    .strictObject({
      count: z.coerce.number().int().min(0).optional(),
      durationSeconds: z.coerce.number().positive().optional(),
      concurrency: z.coerce.number().int().min(1).optional(),
      warmUp: z.coerce.number().int().min(0).optional(),
    })
    .optional(),
  budget: z
    .strictObject({
      p50Ms: z.coerce.number().positive().optional(),
      p95Ms: z.coerce.number().positive().optional(),
      p99Ms: z.coerce.number().positive().optional(),
      minimumRequestsPerSecond: z.coerce.number().positive().optional(),
    })
    .optional(),
  baseline: z
    .strictObject({
      file: z.string(),
      tolerance: z.coerce.number().min(0).optional(),
      update: z.boolean().optional(),
    })
    .optional(),
});

/** What a smoke test's file holds. */
export type SmokeTestFile = z.infer<typeof smokeTestFileSchema>;

/** @throws SmokeTestError SMOKE_TEST_INPUT, naming the field that is wrong */
export async function readSmokeTestFile(file: string): Promise<SmokeTestFile> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw inputError(`cannot read the smoke test ${file} (${String((error as NodeJS.ErrnoException).code)})`);
  }
  return parseSmokeTestFile(text, file);
}

/** @throws SmokeTestError SMOKE_TEST_INPUT, naming the field that is wrong */
export function parseSmokeTestFile(text: string, file: string): SmokeTestFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw inputError(`the smoke test ${file} is not JSON (${(error as Error).message})`);
  }
  const parsed = smokeTestFileSchema.safeParse(content);
  if (!parsed.success) {
    throw inputError(
      `the smoke test ${file} cannot be meant (${z.prettifyError(parsed.error)}); see docs/smoke-test.md`,
    );
  }
  return parsed.data;
}

/**
 * @param folder what the samples' and the labels' paths are relative to
 * @param deploymentFolder what those of the target's files and the baseline are relative to
 * @throws SmokeTestError SMOKE_TEST_INPUT for a folder or a labels file that cannot be read, and without a target
 */
export async function optionsOf(
  test: SmokeTestFile,
  folder: string,
  deploymentFolder = folder,
): Promise<SmokeTestOptions> {
  const { target, samples, labelsFile, readyTimeoutSeconds, callTimeoutSeconds, warm, baseline, ...rest } =
    test;
  if (!target) {
    throw inputError('the smoke test names no target; give it a "target"');
  }
  const at = (file: string) => path.resolve(folder, file);
  const found = await Promise.all(
    samples.map(async (sample) =>
      (await findSamples(at(sample.path))).map((each) => ({ ...sample, path: each })),
    ),
  );
  return {
    ...rest,
    target: withFilesIn(deploymentFolder, target),
    samples: found.flat(),
    ...(labelsFile !== undefined && { labels: await readLabels(at(labelsFile)) }),
    ...(readyTimeoutSeconds !== undefined && { readyTimeoutMs: readyTimeoutSeconds * 1000 }),
    ...(callTimeoutSeconds !== undefined && { callTimeoutMs: callTimeoutSeconds * 1000 }),
    ...(warm && {
      warm: {
        ...(warm.count !== undefined && { count: warm.count }),
        ...(warm.durationSeconds !== undefined && { durationMs: warm.durationSeconds * 1000 }),
        ...(warm.concurrency !== undefined && { concurrency: warm.concurrency }),
        ...(warm.warmUp !== undefined && { warmUp: warm.warmUp }),
      },
    }),
    ...(baseline && { baseline: { ...baseline, file: path.resolve(deploymentFolder, baseline.file) } }),
  };
}

/** @throws SmokeTestError SMOKE_TEST_INPUT */
export async function readLabels(file: string): Promise<string[]> {
  try {
    return parseLabels(await readFile(file, 'utf8'));
  } catch (error) {
    throw inputError(`cannot read the labels ${file} (${String((error as NodeJS.ErrnoException).code)})`);
  }
}
