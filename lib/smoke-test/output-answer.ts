import { shorten } from '../client/probabilities';
import { formatShape, type FloatTensor } from '../wire/tensor';
import { driftOfAnswer, type Recorded } from './baseline';
import type { Answer } from './protocol/scoring-protocol';
import { answerError } from './smoke-test-error';
import type { SmokeTestExpectation } from './smoke-test-options';

/** Numbers that a baseline records of an output: enough to notice another model, and few enough to review. */
const RECORDED_NUMBERS = 100;
const DIGITS = 6;

/** Output of a model for one image that is not a list of probabilities, such as the boxes of a detector. */
export class OutputAnswer implements Answer {
  readonly reported = {};

  /** @param tensor with a batch of one image */
  constructor(
    private readonly name: string,
    private readonly tensor: FloatTensor,
  ) {}

  check({ shape, minimumValue, maximumValue }: SmokeTestExpectation): string {
    const { data } = this.tensor;
    const [batch, ...sizes] = this.tensor.shape;
    if (batch !== 1) {
      throw answerError(
        `output "${this.name}" has the shape ${formatShape(this.tensor.shape)}; expected a batch of 1`,
      );
    }
    if (shape && formatShape(shape) !== formatShape(sizes)) {
      throw answerError(
        `output "${this.name}" has the shape ${formatShape(sizes)}; expected ${formatShape(shape)}`,
      );
    }
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw answerError(`output "${this.name}" contains ${data[wrong] ?? NaN}; expected finite numbers`);
    }
    const [smallest, largest] = data.reduce(
      ([least, most], value) => [Math.min(least, value), Math.max(most, value)] as const,
      [Infinity, -Infinity] as readonly [number, number],
    );
    const found =
      data.length === 0
        ? `output "${this.name}" is ${formatShape(sizes)}`
        : `output "${this.name}" is ${formatShape(sizes)} with values from ${shorten(smallest)} to ${shorten(largest)}`;
    if (minimumValue !== undefined && smallest < minimumValue) {
      throw answerError(`${found}; expected at least ${minimumValue}`);
    }
    if (maximumValue !== undefined && largest > maximumValue) {
      throw answerError(`${found}; expected at most ${maximumValue}`);
    }
    return found;
  }

  exact(): Recorded {
    return this.record();
  }

  record(): Recorded {
    const { shape, data } = this.tensor;
    const count = Math.min(data.length, RECORDED_NUMBERS);
    const values = Array.from({ length: count }, (_, index) =>
      Number((data[Math.floor((index * data.length) / count)] ?? NaN).toPrecision(DIGITS)),
    );
    return { answer: { output: this.name, shape: [...shape], values } };
  }

  driftFrom(recorded: Recorded): number {
    const now = this.record();
    return 'answer' in now ? driftOfAnswer(now.answer, recorded) : Infinity;
  }
}
