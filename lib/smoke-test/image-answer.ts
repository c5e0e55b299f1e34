import { topClasses, type Classification } from '../client/classification';
import { findProbabilityProblem, type ProbabilityProblem } from '../client/probabilities';
import { driftOfClasses, recordAllClasses, recordClasses, type Recorded } from './baseline';
import type { Answer } from './protocol/scoring-protocol';
import { answerError, SmokeTestError } from './smoke-test-error';
import type { SmokeTestExpectation } from './smoke-test-options';
import type { SmokeTestSampleReport } from './smoke-test-report';

const REPORTED_CLASSES = 5;

/** Probabilities of the classes of an image. */
export class ImageAnswer implements Answer {
  /** Classes in descending order of probability. */
  private readonly classes: readonly Classification[];
  private readonly problem: ProbabilityProblem | undefined;

  /** @throws SmokeTestError EXPECTATION_FAILED if the number of labels differs from the number of classes */
  constructor(probabilities: Float32Array, labels: readonly string[] | undefined) {
    // Only an answer reveals that the wrong model is served or that the labels are those of another model.
    if (labels && labels.length !== probabilities.length) {
      throw new SmokeTestError(
        'EXPECTATION_FAILED',
        `the model has ${probabilities.length} classes, expected ${labels.length}, one per label`,
        {
          remedy:
            'check that the labels match this model (one per class) and that the right model is deployed',
        },
      );
    }
    this.problem = findProbabilityProblem(probabilities);
    this.classes = topClasses(probabilities, { top: Math.max(probabilities.length, 1), labels });
  }

  get reported(): Pick<SmokeTestSampleReport, 'topClasses'> {
    return { topClasses: this.classes.slice(0, REPORTED_CLASSES) };
  }

  check({ label, classIndex, top = 1, minimumProbability }: SmokeTestExpectation): string {
    const first = this.classes.at(0);
    if (!first || !Number.isFinite(first.probability)) {
      throw answerError(
        `the answer has no probabilities (the first is ${first ? first.probability : 'missing'})`,
      );
    }
    if (this.problem?.isOutOfRange) {
      throw new SmokeTestError('EXPECTATION_FAILED', `${this.problem.finding}; ${this.problem.remedy}`);
    }
    const predicted = `predicted ${describe(first)}`;
    const expected =
      label === undefined
        ? `class ${classIndex ?? ''}`
        : `"${label}"${classIndex === undefined ? '' : ` (class ${classIndex})`}`;
    const rank =
      label === undefined && classIndex === undefined
        ? 0
        : this.classes.findIndex(
            (candidate) =>
              (label === undefined || candidate.label === label) &&
              (classIndex === undefined || candidate.classIndex === classIndex),
          );
    if (rank < 0) {
      throw answerError(
        `${predicted}; expected ${expected}, which is not one of the ${this.classes.length} classes`,
      );
    }
    const found = this.classes[rank];
    if (rank >= top) {
      throw answerError(
        `${predicted}; expected ${expected}${top === 1 ? '' : ` in the top ${top}`}, which has rank ${rank + 1} ` +
          `(${percent(found.probability)})`,
      );
    }
    const summary = rank === 0 ? predicted : `${predicted}; ${describe(found)} has rank ${rank + 1}`;
    if (minimumProbability !== undefined && !(found.probability >= minimumProbability)) {
      throw answerError(`${summary}; expected at least ${percent(minimumProbability)}`);
    }
    return this.problem ? `${summary} (${this.problem.finding}; ${this.problem.remedy})` : summary;
  }

  record(): Recorded {
    return recordClasses(this.classes);
  }

  exact(): Recorded {
    return recordAllClasses(this.classes);
  }

  driftFrom(recorded: Recorded): number {
    return driftOfClasses(this.classes, recorded);
  }
}

function describe({ label, classIndex, probability }: Classification): string {
  return `${label === undefined ? `class ${classIndex}` : `"${label}"`} (${percent(probability)})`;
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)} %`;
}
