import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { requireJsonPath } from '../../lib/smoke-test/answer-expectation';
import { didYouMean } from '../../lib/validation/did-you-mean';
import { ConstructError, withConstructPath } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';

/**
 * What an answer must be: `label`, `classIndex`, `top` and `minimumProbability` for an image that a web service
 * scores, `jsonPath`, `equalTo` and `argmax` for the JSON of an online endpoint.
 */
export interface SmokeTestExpectation {
  /**
   * The name of the class that the image must have, as in the model's labels.
   * @default - not checked
   */
  readonly label?: string | undefined;
  /**
   * The same by its number.
   * @default - not checked
   */
  readonly classIndex?: number | undefined;
  /**
   * How far down that class may stand: 1 is the first place alone.
   * @default 1
   */
  readonly top?: number | undefined;
  /**
   * What that class's probability must reach, from 0 to 1; the first one's where no class is named.
   * @default - not checked
   */
  readonly minimumProbability?: number | undefined;
  /**
   * The part of the JSON answer that is looked at, as a JSONPath (RFC 9535) that selects one value.
   * @default '$', the whole answer
   */
  readonly jsonPath?: string | undefined;
  /**
   * The JSON value that it must equal.
   * @default - not checked
   */
  readonly equalTo?: unknown | undefined;
  /**
   * Where the greatest of its numbers must stand, 0 being the first: the label, for an answer with a number a class.
   * @default - not checked
   */
  readonly argmax?: number | undefined;
}

const OF_IMAGES = ['label', 'classIndex', 'top', 'minimumProbability'] as const;
const OF_ANSWERS = ['jsonPath', 'equalTo', 'argmax'] as const;

/** @throws ConstructError where an image cannot be taken for that */
export function requireImageExpectation(
  scope: IConstruct,
  expect: SmokeTestExpectation,
  labels: readonly string[] | undefined,
): void {
  refuseOthers(scope, expect, OF_ANSWERS, 'the JSON of an online endpoint', OF_IMAGES);
  const { label, classIndex, top, minimumProbability } = expect;
  if (label !== undefined && !Token.isUnresolved(label)) {
    requireLabel(scope, label, labels);
  }
  const last = labels ? labels.length - 1 : Infinity;
  requireNumber(scope, 'classIndex', classIndex, {
    ...wholeNumber(0, last),
    expected: labels
      ? `a whole number from 0 to ${last}: the model has ${labels.length} labels`
      : 'a whole number of at least 0',
  });
  requireNumber(scope, 'top', top, wholeNumber(1));
  if (top !== undefined && label === undefined && classIndex === undefined) {
    throw new ConstructError(
      scope,
      `top is ${top}, but no class is expected that may stand so far down; expect a label or a classIndex, ` +
        'or leave it out',
    );
  }
  requireNumber(scope, 'minimumProbability', minimumProbability, {
    accepts: (value) => value >= 0 && value <= 1,
    expected: 'a number from 0 to 1',
  });
}

/** @throws ConstructError where no JSON can be that */
export function requireAnswerExpectation(scope: IConstruct, expect: SmokeTestExpectation): void {
  refuseOthers(scope, expect, OF_IMAGES, 'an image that a web service scores', OF_ANSWERS);
  const { jsonPath, argmax } = expect;
  if (jsonPath !== undefined) {
    withConstructPath(scope, () => requireJsonPath(jsonPath));
  }
  requireNumber(scope, 'argmax', argmax, wholeNumber(0));
}

/** What was given of it, as the step takes it. */
export function expectationOf(expect: SmokeTestExpectation): Record<string, unknown> {
  return Object.fromEntries(
    [...OF_IMAGES, ...OF_ANSWERS].flatMap((name) =>
      expect[name] === undefined ? [] : [[name, expect[name]]],
    ),
  );
}

function refuseOthers(
  scope: IConstruct,
  expect: SmokeTestExpectation,
  refused: readonly (keyof SmokeTestExpectation)[],
  whose: string,
  accepted: readonly (keyof SmokeTestExpectation)[],
): void {
  const wrong = refused.find((name) => expect[name] !== undefined);
  if (wrong !== undefined) {
    throw new ConstructError(scope, `${wrong} is expected of ${whose} alone; expect ${accepted.join(', ')}`);
  }
}

function requireLabel(scope: IConstruct, label: string, labels: readonly string[] | undefined): void {
  if (!labels) {
    throw new ConstructError(
      scope,
      `the label "${label}" is expected but the model has no labels; ` +
        'give the service definition its labels, or expect a classIndex',
    );
  }
  if (!labels.includes(label)) {
    const suggestion = didYouMean(label, labels);
    throw new ConstructError(
      scope,
      `the label "${label}" is expected, which is none of the model's ${labels.length}` +
        (suggestion === undefined ? '' : `; ${suggestion}`),
    );
  }
}
