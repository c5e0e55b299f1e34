import { readFile } from 'node:fs/promises';
import path from 'node:path';

import * as z from 'zod';

import { writeOutputFile } from '../files/output-file';
import { makeFolder } from '../files/whole-file';
import { propertyNames, type OptionNames } from '../validation/option-names';
import type { Baseline } from './baseline';
import { SmokeTestError } from './smoke-test-error';

const recordedSchema = z.union([
  z.strictObject({ classes: z.record(z.string().regex(/^\d+$/), z.number()) }),
  z.strictObject({ answer: z.json() }),
]);

const baselineSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Answers by the names of the samples. */
  samples: z.record(z.string(), recordedSchema),
});

/**
 * @param names where the user sets the options of the test
 * @throws SmokeTestError SMOKE_TEST_INPUT if the file cannot be read or is not a baseline
 */
export async function readBaseline(file: string, names: OptionNames): Promise<Baseline> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new SmokeTestError(
      'SMOKE_TEST_INPUT',
      `cannot read the baseline ${file} (${String((error as NodeJS.ErrnoException).code)}); ` +
        `record it with ${names('updateBaseline')} and commit it`,
      { cause: error },
    );
  }
  return parseBaseline(text, file, names);
}

/** Reads the baseline to update: empty if there is no file, `undefined` if the file is not a baseline. */
export async function readFormerBaseline(file: string): Promise<Baseline | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    // The file does not exist, or writing it will fail for the same reason.
    return new Map();
  }
  try {
    return parseBaseline(text, file);
  } catch {
    return undefined;
  }
}

/** @throws SmokeTestError SMOKE_TEST_INPUT if the file cannot be read or is not a baseline */
export function parseBaseline(text: string, file: string, names: OptionNames = propertyNames): Baseline {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw notOne(file, (error as Error).message, names);
  }
  const parsed = baselineSchema.safeParse(content);
  if (!parsed.success) {
    throw notOne(file, z.prettifyError(parsed.error), names);
  }
  return new Map(Object.entries(parsed.data.samples));
}

/**
 * Writes a baseline and replaces the previous one. It is sorted, so that a diff shows only what changed.
 * @throws FileWriteError
 */
export async function writeBaseline(file: string, baseline: Baseline): Promise<void> {
  const samples = Object.fromEntries(
    [...baseline].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
  );
  await makeFolder(path.dirname(file));
  await writeOutputFile(file, `${JSON.stringify({ schemaVersion: 1, samples }, undefined, 2)}\n`);
}

function notOne(file: string, why: string, names: OptionNames): SmokeTestError {
  return new SmokeTestError(
    'SMOKE_TEST_INPUT',
    `the baseline ${file} is invalid (${why}); record it again with ${names('updateBaseline')}`,
  );
}
