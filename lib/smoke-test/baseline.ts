import type { Classification } from '../client/classification';

/** A class that is less probable than this is not recorded. */
const LEAST_PROBABILITY = 0.001;
const DIGITS = 6;

/** One sample's answer: the probabilities of an image's classes by their numbers, or the JSON. */
export type Recorded = { readonly classes: Readonly<Record<string, number>> } | { readonly answer: unknown };

/** By the samples' names. */
export type Baseline = ReadonlyMap<string, Recorded>;

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
