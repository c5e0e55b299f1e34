import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import type { Classification } from '../client/classification';
import { makeFolder, writeWholeFile } from '../files/whole-file';
import { SmokeTestError } from './smoke-test-error';

/** Earlier answers to compare with: catches a model that still names the right class, but not as surely. */
export interface BaselineOptions {
  /** The file with the earlier answers, JSON. It belongs into the repository. */
  readonly file: string;
  /**
   * How far a probability, or a number of a JSON answer, may be from the baseline's.
   * @default 0.02
   */
  readonly tolerance?: number;
  /**
   * Whether to write the answers of this test into the file, where they are right, in place of comparing them.
   * @default false
   */
  readonly update?: boolean;
}

/** A class that is less probable than this is not recorded. */
const LEAST_PROBABILITY = 0.001;
const DIGITS = 6;

const recordedSchema = z.union([
  z.strictObject({ classes: z.record(z.string().regex(/^\d+$/), z.number()) }),
  z.strictObject({ answer: z.json() }),
]);

const baselineSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** By the samples' names. */
  samples: z.record(z.string(), recordedSchema),
});

/** One sample's answer: the probabilities of an image's classes by their numbers, or the JSON. */
export type Recorded = { readonly classes: Readonly<Record<string, number>> } | { readonly answer: unknown };

/** By the samples' names. */
export type Baseline = ReadonlyMap<string, Recorded>;

/** @throws SmokeTestError SMOKE_TEST_INPUT */
export async function readBaseline(file: string): Promise<Baseline> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new SmokeTestError(
      'SMOKE_TEST_INPUT',
      `cannot read the baseline ${file} (${String((error as NodeJS.ErrnoException).code)}); ` +
        'record one with --update-baseline, and commit it',
      { cause: error },
    );
  }
  return parseBaseline(text, file);
}

/** @throws SmokeTestError SMOKE_TEST_INPUT */
export function parseBaseline(text: string, file: string): Baseline {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw notOne(file, (error as Error).message);
  }
  const parsed = baselineSchema.safeParse(content);
  if (!parsed.success) {
    throw notOne(file, z.prettifyError(parsed.error));
  }
  return new Map(Object.entries(parsed.data.samples));
}

/**
 * Writes a baseline in place of the one before it: sorted, so that a diff shows what changed.
 * @throws FileWriteError
 */
export async function writeBaseline(file: string, baseline: Baseline): Promise<void> {
  const samples = Object.fromEntries(
    [...baseline].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
  );
  await makeFolder(path.dirname(file));
  await writeWholeFile(file, `${JSON.stringify({ schemaVersion: 1, samples }, undefined, 2)}\n`);
}

/** @param classes all of them */
export function recordClasses(classes: readonly Classification[]): Recorded {
  return {
    classes: Object.fromEntries(
      classes
        .filter(({ probability }) => probability >= LEAST_PROBABILITY)
        .map(({ classIndex, probability }) => [classIndex, Number(probability.toFixed(DIGITS))]),
    ),
  };
}

/**
 * @param classes all of them
 * @returns the largest difference of a class's probability, where a class that was not recorded counts as 0
 */
export function driftOfClasses(classes: readonly Classification[], recorded: Recorded): number {
  if (!('classes' in recorded)) {
    return Infinity;
  }
  const now = new Map(classes.map(({ classIndex, probability }) => [String(classIndex), probability]));
  if (Object.keys(recorded.classes).some((index) => !now.has(index))) {
    return Infinity;
  }
  const before = new Map(Object.entries(recorded.classes));
  const differences = [...now].map(([index, probability]) => {
    const difference = Math.abs(probability - (before.get(index) ?? 0));
    // What was too little to be recorded may be anything up to there.
    return before.has(index) || difference >= LEAST_PROBABILITY ? difference : 0;
  });
  return differences.reduce((largest, each) => (each > largest || Number.isNaN(each) ? each : largest), 0);
}

/** @returns the largest difference between two numbers at the same place; infinite where anything else differs */
export function driftOfAnswer(now: unknown, recorded: Recorded): number {
  return 'answer' in recorded ? difference(now, recorded.answer) : Infinity;
}

function difference(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') {
    return Math.abs(left - right);
  }
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object') {
    return left === right ? 0 : Infinity;
  }
  const [leftEntries, rightEntries] = [left, right].map(
    (each) => new Map<string, unknown>(Object.entries(each)),
  );
  if (
    Array.isArray(left) !== Array.isArray(right) ||
    leftEntries.size !== rightEntries.size ||
    [...leftEntries.keys()].some((key) => !rightEntries.has(key))
  ) {
    return Infinity;
  }
  return [...leftEntries].reduce(
    (largest, [key, value]) => Math.max(largest, difference(value, rightEntries.get(key))),
    0,
  );
}

function notOne(file: string, why: string): SmokeTestError {
  return new SmokeTestError(
    'SMOKE_TEST_INPUT',
    `the baseline ${file} is none (${why}); record it anew with --update-baseline`,
  );
}
