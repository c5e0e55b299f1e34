import type { Classification } from '../client/classification';
import { SmokeTestError } from './smoke-test-error';
import type { Expectation } from './smoke-test-options';

/**
 * Holds an answer against what was expected.
 * @param classes the most probable classes, the first one first
 * @returns what was found, in a sentence
 * @throws SmokeTestError EXPECTATION_FAILED, saying what was got and what was expected
 */
export function checkExpectation(classes: readonly Classification[], expected: Expectation): string {
  const first = classes.at(0);
  if (!first || !Number.isFinite(first.probability)) {
    throw failure(`the answer has no probabilities (the first is ${first ? first.probability : 'missing'})`);
  }
  const got = `"${nameOf(first)}" with ${percent(first.probability)}`;
  if (expected.label !== undefined && first.label !== expected.label) {
    throw failure(
      `the image was taken for ${got}; expected "${expected.label}"${rank(classes, expected.label)}`,
    );
  }
  if (expected.classIndex !== undefined && first.classIndex !== expected.classIndex) {
    throw failure(
      `the image was taken for ${got} (class ${first.classIndex}); expected class ${expected.classIndex}`,
    );
  }
  if (expected.minimumProbability !== undefined && first.probability < expected.minimumProbability) {
    throw failure(
      `the image was taken for ${got}; expected at least ${percent(expected.minimumProbability)}`,
    );
  }
  return got;
}

function rank(classes: readonly Classification[], label: string): string {
  const place = classes.findIndex((candidate) => candidate.label === label);
  return place < 0 ? `, which is not among the first ${classes.length}` : `, which is number ${place + 1}`;
}

function nameOf({ label, classIndex }: Classification): string {
  return label ?? `class ${classIndex}`;
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)} %`;
}

function failure(message: string): SmokeTestError {
  return new SmokeTestError('EXPECTATION_FAILED', message);
}
