import { didYouMean } from '../validation/did-you-mean';
import { requireJsonPath } from './answer-expectation';
import { requireNumber, wholeFrom } from './require-number';
import { inputError } from './smoke-test-error';
import type { SmokeTestExpectation } from './smoke-test-options';
import type { SmokeTestProtocol } from './smoke-test-report';

const OF_CLASSES = ['label', 'classIndex', 'top', 'minimumProbability'];
const OF_ANSWERS = ['jsonPath', 'equalTo', 'argmax'];

/**
 * Refuses what no answer can be, before anybody is called.
 * @param labels the classes' names, where they are known
 * @throws SmokeTestError SMOKE_TEST_INPUT
 */
export function checkExpectation(
  expected: SmokeTestExpectation,
  protocol: SmokeTestProtocol | undefined,
  labels: readonly string[] | undefined,
): void {
  const { jsonPath, classIndex, top, minimumProbability, argmax } = expected;
  requireNumber('expect.classIndex', classIndex, wholeFrom(0));
  requireNumber('expect.top', top, wholeFrom(1));
  requireNumber('expect.minimumProbability', minimumProbability, {
    fits: (value) => value >= 0 && value <= 1,
    expected: 'a number from 0 to 1',
  });
  requireNumber('expect.argmax', argmax, wholeFrom(0));
  if (jsonPath !== undefined) {
    requireJsonPath(jsonPath);
  }
  const wrong = Object.keys(expected).find((name) =>
    (protocol === 'http' ? OF_CLASSES : OF_ANSWERS).includes(name),
  );
  if (wrong !== undefined) {
    throw inputError(
      protocol === 'http'
        ? `expect.${wrong} is of an image's classes, which a JSON answer has not; give ${namesOf(OF_ANSWERS)}`
        : `expect.${wrong} is of a JSON answer, which an image's classes are not; give ${namesOf(OF_CLASSES)}`,
    );
  }
  checkClass(expected, labels);
}

function checkClass(
  { label, classIndex, top }: SmokeTestExpectation,
  labels: readonly string[] | undefined,
): void {
  if (top !== undefined && label === undefined && classIndex === undefined) {
    throw inputError(
      `expect.top is ${top}, but no class is expected that may stand so far down; give expect.label or ` +
        'expect.classIndex, or leave it out',
    );
  }
  if (label === undefined) {
    return;
  }
  if (!labels) {
    throw inputError(
      `the label "${label}" is expected, but there are no labels; give labels, or expect.classIndex`,
    );
  }
  if (!labels.includes(label)) {
    const suggestion = didYouMean(label, labels);
    throw inputError(
      `the label "${label}" is expected, which is not among the ${labels.length} labels` +
        (suggestion === undefined ? '' : `; ${suggestion}`),
    );
  }
}

function namesOf(names: readonly string[]): string {
  const all = names.map((name) => `expect.${name}`);
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1) ?? ''}`;
}
