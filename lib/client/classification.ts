import { InvalidInputError } from '../errors/prediction-errors';
import type { KnownKeys } from '../validation/known-keys';
import { outOfRange, wholeNumber } from '../validation/number-range';
import { requireKnownOptions } from './prediction-client-options';

/** Predicted class of an image and its probability. */
export interface Classification {
  /** Index of the class in the model's output, from 0. */
  readonly classIndex: number;
  /** Label of the class, if labels were given. */
  readonly label?: string | undefined;
  /** Probability from 0 to 1. */
  readonly probability: number;
}

/** Options for turning a model's output into classes. */
export interface ClassificationOptions {
  /** Labels of all classes, class 0 first. */
  readonly labels?: readonly string[] | undefined;
  /**
   * Number of classes to return.
   * @default 5
   */
  readonly top?: number | undefined;
}

export const CLASSIFICATION_OPTIONS: KnownKeys<ClassificationOptions> = { labels: true, top: true };

/**
 * Returns the most probable classes of an image in descending order. Ties are ordered by class index.
 * @throws InvalidInputError if the number of labels differs from the number of classes, `top` is not a count, or an option
 * is unknown
 */
export function topClasses(
  probabilities: Float32Array,
  options: ClassificationOptions = {},
): Classification[] {
  requireKnownOptions(options, CLASSIFICATION_OPTIONS);
  const { labels, top = 5 } = options;
  const problem = outOfRange('top', top, wholeNumber(1));
  if (problem !== undefined) {
    throw new InvalidInputError(problem);
  }
  if (labels && labels.length !== probabilities.length) {
    throw new InvalidInputError(`got ${labels.length} labels for ${probabilities.length} classes`, {
      remedy: 'pass one label per class, in the order used for training',
    });
  }
  return Array.from(probabilities.keys())
    .sort((a, b) => comparable(probabilities[b]) - comparable(probabilities[a]) || a - b)
    .slice(0, top)
    .map((classIndex) => ({
      classIndex,
      ...(labels && { label: labels[classIndex] }),
      probability: probabilities[classIndex],
    }));
}

// A model that overflowed returns NaN, which cannot be ordered; -1 is below every probability.
function comparable(probability: number): number {
  return Number.isNaN(probability) ? -1 : probability;
}
