import { shapesFit, type FloatTensor, type Shape } from '../../wire/tensor';
import type { AcceleratorError } from './pipeline-errors';

/** What a step takes. */
export interface StepInput {
  /** The tensor's name in the model, without an output's number. */
  readonly name: string;
  /** Sizes with the batch first, -1 where unknown; empty when the model does not say how many there are. */
  readonly shape: readonly number[];
}

/** Whether a step can run, where that changes: an accelerator comes and goes. */
export interface StepReadiness {
  /** Why it cannot run now; undefined while it can. */
  readonly problem: AcceleratorError | undefined;
  /** @param listener is called whenever `problem` is another */
  onChange(listener: () => void): void;
}

/**
 * A part of a pipeline that turns one array into another: the models that run in worker threads, or an
 * accelerator behind a network address.
 */
export interface Step {
  readonly input: StepInput;
  /** As `StepInput.shape`. */
  readonly outputShape: readonly number[];
  /** Undefined for a step that can always run. */
  readonly readiness?: StepReadiness | undefined;
  /**
   * @param tensor belongs to the step from here on: its memory may move to another thread
   * @param signal rejects the call at once with the signal's reason; nobody waits for work that has begun
   * @param deadlineAt when the answer is no longer wanted, in milliseconds as `Date.now()` counts them
   */
  run(tensor: FloatTensor, signal?: AbortSignal, deadlineAt?: number): Promise<FloatTensor>;
  /** Lets what is running finish and gives everything back. */
  close(): Promise<void>;
}

/** Remedy for a model that takes another shape than the stage before it gives. */
export function misfitRemedy(taken: Shape, given: Shape): string {
  const isPlanar =
    taken.length === 4 && shapesFit([taken[2] ?? -1, taken[3] ?? -1, taken[1] ?? -1], given.slice(1));
  return isPlanar
    ? 'export the model with channels last (NHWC)'
    : 'make the stage before it give what this one takes';
}
