/** Rounding of float32, and of models that compute in 8 or 16 bits. */
const RANGE_TOLERANCE = 0.001;
const SUM_TOLERANCE = 0.02;

/** Reason why the numbers of an answer are not the probabilities of classes. */
export interface ProbabilityProblem {
  readonly finding: string;
  readonly remedy: string;
  /** Whether numbers are below 0 or above 1. Otherwise only their sum is not 1, as for a model with several labels per image. */
  readonly isOutOfRange: boolean;
}

/**
 * Checks whether numbers are a probability distribution: each from 0 to 1, with a sum of 1.
 * @returns `undefined` if they are
 */
export function findProbabilityProblem(values: Float32Array): ProbabilityProblem | undefined {
  const [smallest, largest, sum] = values.reduce<[number, number, number]>(
    ([least, most, total], value) => [Math.min(least, value), Math.max(most, value), total + value],
    [Infinity, -Infinity, 0],
  );
  if (values.length === 0) {
    return undefined;
  }
  if (!(smallest >= -RANGE_TOLERANCE && largest <= 1 + RANGE_TOLERANCE)) {
    return {
      finding: `the answer has values from ${shorten(smallest)} to ${shorten(largest)}, expected probabilities from 0 to 1`,
      remedy: 'if the model returns logits, add Stage.softmax() to the end of the service definition',
      isOutOfRange: true,
    };
  }
  // A single number is the probability of one class against none.
  if (values.length === 1 || Math.abs(sum - 1) <= SUM_TOLERANCE) {
    return undefined;
  }
  return {
    finding: `the probabilities of the answer add up to ${shorten(sum)}, expected 1`,
    remedy:
      'ignore this for a model with several labels per image; otherwise, check which output of the model is served',
    isOutOfRange: false,
  };
}

/** Formats a number for a message, with four significant digits. */
export function shorten(value: number): string {
  return String(Number(value.toPrecision(4)));
}
