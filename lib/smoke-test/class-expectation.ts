import type { Classification } from '../client/classification';
import { SmokeTestError } from './smoke-test-error';

/** What an image must be taken for. */
export interface ClassExpectation {
  /** A class's name, which must be among the first `top`. */
  readonly label?: string | undefined;
  /** A class's number, which must be among the first `top`. */
  readonly classIndex?: number | undefined;
  /**
   * How far down the class may stand: 1 is the first place alone.
   * @default 1
   */
  readonly top?: number | undefined;
  /**
   * What that class's probability must reach, 0 to 1; the first one's where no class is named.
   * @default - not checked
   */
  readonly minimumProbability?: number | undefined;
}

/**
 * Holds an image's classes against what was expected.
 * @param classes all of them, the most probable first
 * @returns what was found, in a sentence
 * @throws SmokeTestError EXPECTATION_FAILED, saying what was got and what was expected
 */
export function checkClasses(classes: readonly Classification[], expected: ClassExpectation): string {
  const first = classes.at(0);
  if (!first || !Number.isFinite(first.probability)) {
    throw failure(`the answer has no probabilities (the first is ${first ? first.probability : 'missing'})`);
  }
  const got = `taken for ${describe(first)}`;
  const { label, classIndex, top = 1, minimumProbability } = expected;
  const named = label !== undefined || classIndex !== undefined;
  const place = named
    ? classes.findIndex(
        (candidate) =>
          (label === undefined || candidate.label === label) &&
          (classIndex === undefined || candidate.classIndex === classIndex),
      )
    : 0;
  const wanted =
    label === undefined
      ? `class ${classIndex ?? ''}`
      : `"${label}"${classIndex === undefined ? '' : ` (class ${classIndex})`}`;
  if (place < 0) {
    throw failure(`${got}; expected ${wanted}, which is none of the ${classes.length} classes`);
  }
  const found = classes[place];
  if (place >= top) {
    throw failure(
      `${got}; expected ${wanted}${top === 1 ? '' : ` among the first ${top}`}, which is number ${place + 1} with ` +
        percent(found.probability),
    );
  }
  if (minimumProbability !== undefined && !(found.probability >= minimumProbability)) {
    throw failure(
      `${place === 0 ? got : `${got}, ${describe(found)} is number ${place + 1}`}; ` +
        `expected at least ${percent(minimumProbability)}`,
    );
  }
  return place === 0 ? got : `${got}; ${describe(found)} is number ${place + 1}`;
}

function describe({ label, classIndex, probability }: Classification): string {
  return `${label === undefined ? `class ${classIndex}` : `"${label}"`} with ${percent(probability)}`;
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)} %`;
}

function failure(message: string): SmokeTestError {
  return new SmokeTestError('EXPECTATION_FAILED', message);
}
