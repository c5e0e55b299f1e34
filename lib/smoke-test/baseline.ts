import type { Classification } from '../client/classification';

/** Minimum probability of a recorded class. */
const LEAST_PROBABILITY = 0.001;
const DIGITS = 6;

/** Answer for one sample: probabilities by class index for an image, otherwise the JSON. */
export type Recorded = { readonly classes: Readonly<Record<string, number>> } | { readonly answer: unknown };

/** Answers by the names of the samples. */
export type Baseline = ReadonlyMap<string, Recorded>;

/** Records all classes as they are. */
export function recordAllClasses(classes: readonly Classification[]): Recorded {
  return {
    classes: Object.fromEntries(classes.map(({ classIndex, probability }) => [classIndex, probability])),
  };
}

/** @param classes all classes of the model */
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
 * @param classes all classes of the model
 * @returns the largest difference of a class's probability; a class that is not recorded counts as 0
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
    // A class that was not recorded may have any probability up to the minimum.
    return before.has(index) || difference >= LEAST_PROBABILITY ? difference : 0;
  });
  return differences.reduce((largest, each) => (each > largest || Number.isNaN(each) ? each : largest), 0);
}

/** @returns the largest difference between two numbers at the same place; infinite if anything else differs */
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
