import { InvalidInputError } from '../errors/prediction-errors';
import { outOfRange, wholeNumber } from '../validation/number-range';

/** One class of an image and how probable the model holds it. */
export interface Classification {
  /** Index of the class in the model's output, from 0. */
  readonly classIndex: number;
  /** The class's name, where labels were given. */
  readonly label?: string;
  /** 0 to 1. */
  readonly probability: number;
}

/** How to read a model's output. */
export interface ClassificationOptions {
  /** The classes' names, class 0 first; as many as there are classes. */
  readonly labels?: readonly string[];
  /**
   * How many classes, the most probable first.
   * @default 5
   */
  readonly top?: number;
}

/**
 * The most probable classes of an image, the most probable first; of equal ones the lower index first.
 * @throws InvalidInputError for a number of labels other than the number of classes, and for a `top` that is no count
 */
export function topClasses(
  probabilities: Float32Array,
  { labels, top = 5 }: ClassificationOptions = {},
): Classification[] {
  const problem = outOfRange('top', top, wholeNumber(1));
  if (problem !== undefined) {
    throw new InvalidInputError(problem);
  }
  if (labels && labels.length !== probabilities.length) {
    throw new InvalidInputError(`got ${labels.length} labels for ${probabilities.length} classes`, {
      remedy: 'give one label a class, in the order that the model was trained with',
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

// A model that overflowed answers NaN, which compares with nothing; -1 is below every probability.
function comparable(probability: number): number {
  return Number.isNaN(probability) ? -1 : probability;
}
