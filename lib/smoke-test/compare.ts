import { propertyNames } from '../validation/option-names';
import type { Baseline } from './baseline';
import type { Answer } from './protocol/scoring-protocol';
import { sampleName, type SmokeTestOptions } from './smoke-test-options';
import type { SmokeTestSampleReport } from './smoke-test-report';

const DEFAULT_TOLERANCE = 0.02;

/** Answers of another service, by the index of the sample. */
export type ReferenceAnswers = ReadonlyMap<number, Answer>;

/** What answers are compared with: recorded ones, those of another service, or nothing. */
export interface Comparisons {
  readonly baseline: Baseline | undefined;
  readonly reference: ReferenceAnswers | undefined;
}

type Compared = Pick<SmokeTestSampleReport, 'passed' | 'detail' | 'drift' | 'referenceClasses'>;

/**
 * Compares an answer with the recorded one, or with the one of another service.
 * @param detail finding about the answer itself, as a sentence
 */
export function compareAnswer(
  answer: Answer,
  sample: { readonly path: string; readonly index: number },
  detail: string,
  { baseline, reference }: Comparisons,
  options: Pick<SmokeTestOptions, 'baseline' | 'reference' | 'optionNames'>,
): Compared {
  const other = reference?.get(sample.index);
  if (other) {
    const { topClasses: referenceClasses } = other.reported;
    const ours = answer.reported.topClasses?.at(0);
    const theirs = referenceClasses?.at(0);
    const predicts =
      theirs === undefined || theirs.classIndex === ours?.classIndex
        ? ''
        : `; the reference predicts ${theirs.label === undefined ? `class ${theirs.classIndex}` : `"${theirs.label}"`}`;
    const drift = answer.driftFrom(other.exact());
    const tolerance = options.reference?.tolerance ?? DEFAULT_TOLERANCE;
    return {
      ...judgeDrift(drift, tolerance, `${detail}${predicts}`, 'answer of the reference', ''),
      ...(referenceClasses && { referenceClasses }),
    };
  }
  if (!baseline) {
    return { passed: true, detail };
  }
  const name = sampleName(sample.path);
  const recorded = baseline.get(name);
  const { optionNames: names = propertyNames } = options;
  return recorded
    ? judgeDrift(
        answer.driftFrom(recorded),
        options.baseline?.tolerance ?? DEFAULT_TOLERANCE,
        detail,
        'baseline',
        `; record the answer with ${names('updateBaseline')} if the change is intended`,
      )
    : {
        passed: false,
        detail: `the baseline has no answer to ${name}; record it with ${names('updateBaseline')}`,
      };
}

/** Whether two services predict different classes for a sample. */
export function changesClass({ topClasses, referenceClasses }: SmokeTestSampleReport): boolean {
  return referenceClasses !== undefined && topClasses?.[0]?.classIndex !== referenceClasses[0]?.classIndex;
}

function judgeDrift(
  drift: number,
  tolerance: number,
  detail: string,
  other: string,
  remedy: string,
): Compared {
  // An answer of another shape has no distance.
  const measured = Number.isFinite(drift) ? { drift } : {};
  const difference = Number.isFinite(drift)
    ? `differs from the ${other} by ${drift.toFixed(4)}`
    : `has another shape than the ${other}`;
  return drift <= tolerance
    ? { ...measured, passed: true, detail: `${detail}; ${difference}` }
    : {
        ...measured,
        passed: false,
        detail: `${detail}, but the answer ${difference}; expected at most ${tolerance}${remedy}`,
      };
}
