import { softmaxTerms } from '../../wire/softmax';
import type { FloatTensor, Shape } from '../../wire/tensor';
import { preciseTime, type CallTrace, type StageObserver } from './stage-run';
import type { Step, StepInput } from './step';

/** Converts each row's logits to probabilities. Runs on the server's thread: a thousand classes take microseconds. */
export class SoftmaxStep implements Step {
  readonly input: StepInput;

  /**
   * @param outputShape output shape of the previous step, which is also that of the probabilities; empty if unknown
   * @param label label of the stage in metrics and traces
   */
  constructor(
    readonly outputShape: Shape,
    private readonly label: string,
    private readonly observe: StageObserver,
  ) {
    this.input = { name: 'logits', shape: outputShape };
  }

  run(
    tensor: FloatTensor,
    _signal?: AbortSignal,
    _deadlineAt?: number,
    trace?: CallTrace,
  ): Promise<FloatTensor> {
    const startedAt = preciseTime();
    const data = softmax(tensor);
    const run = {
      stage: this.label,
      startedAt,
      durationMs: preciseTime() - startedAt,
      rows: tensor.shape[0] ?? 0,
    };
    this.observe(run);
    trace?.add(run);
    return Promise.resolve({ shape: tensor.shape, data });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * Computes the softmax over the last dimension larger than 1, so that `[n, 1, 1, classes]` and `[n, classes, 1, 1]` are
 * supported, too.
 */
export function softmax({ shape, data }: FloatTensor): Float32Array {
  const axis = Math.max(
    1,
    shape.findLastIndex((size) => size > 1),
  );
  const classes = shape[axis] ?? 1;
  const probabilities = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += classes) {
    const logits = data.subarray(start, start + classes);
    const { largest, sum } = softmaxTerms(logits);
    logits.forEach((logit, index) => {
      probabilities[start + index] = Math.exp(logit - largest) / sum;
    });
  }
  return probabilities;
}
