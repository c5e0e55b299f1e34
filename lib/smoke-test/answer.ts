import { topClasses, type Classification } from '../client/classification';
import { checkAnswer } from './answer-expectation';
import { driftOfAnswer, driftOfClasses, recordClasses, type Recorded } from './baseline';
import { checkClasses } from './class-expectation';
import { SmokeTestError } from './smoke-test-error';
import type { SmokeTestExpectation } from './smoke-test-options';
import type { SmokeTestSampleReport } from './smoke-test-report';

/** What a service said of a sample. */
export interface Answer {
  /** What of it stands in the report. */
  readonly reported: Pick<SmokeTestSampleReport, 'topClasses' | 'answer'>;

  /**
   * @returns what was found, in a sentence
   * @throws SmokeTestError EXPECTATION_FAILED
   */
  check(expected: SmokeTestExpectation): string;

  /** What a baseline keeps of it. */
  record(): Recorded;

  /**
   * @returns the largest difference between its numbers and the record's; infinite where something else than a number
   * differs
   */
  driftFrom(recorded: Recorded): number;
}

const REPORTED_CLASSES = 5;
const REPORTED_ANSWER = 4096;

/** The probabilities of an image's classes. */
export class ImageAnswer implements Answer {
  private readonly classes: readonly Classification[];

  /** @throws SmokeTestError EXPECTATION_FAILED unless there are as many labels as classes */
  constructor(probabilities: Float32Array, labels: readonly string[] | undefined) {
    // Known by an answer alone: the model is as little what was expected as one that names another class.
    if (labels && labels.length !== probabilities.length) {
      throw new SmokeTestError(
        'EXPECTATION_FAILED',
        `the model answers with ${probabilities.length} classes, expected ${labels.length}, as many as there are labels`,
        {
          remedy: "see that the labels are this model's, one a class, and that it is the model that is meant",
        },
      );
    }
    this.classes = topClasses(probabilities, {
      top: Math.max(probabilities.length, 1),
      ...(labels && { labels }),
    });
  }

  get reported(): Pick<SmokeTestSampleReport, 'topClasses'> {
    return { topClasses: this.classes.slice(0, REPORTED_CLASSES) };
  }

  check(expected: SmokeTestExpectation): string {
    return checkClasses(this.classes, expected);
  }

  record(): Recorded {
    return recordClasses(this.classes);
  }

  driftFrom(recorded: Recorded): number {
    return driftOfClasses(this.classes, recorded);
  }
}

/** The JSON that an endpoint answered with. */
export class JsonAnswer implements Answer {
  constructor(private readonly text: string) {}

  get reported(): Pick<SmokeTestSampleReport, 'answer'> {
    return { answer: this.text.slice(0, REPORTED_ANSWER) };
  }

  check(expected: SmokeTestExpectation): string {
    return checkAnswer(this.text, expected);
  }

  record(): Recorded {
    return { answer: JSON.parse(this.text) as unknown };
  }

  driftFrom(recorded: Recorded): number {
    return driftOfAnswer(JSON.parse(this.text) as unknown, recorded);
  }
}
