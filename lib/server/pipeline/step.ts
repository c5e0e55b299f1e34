import type { FloatTensor } from '../../tensor/tensor';

/** What a step takes. */
export interface StepInput {
  /** The tensor's name in the model, without an output's number. */
  readonly name: string;
  /** Sizes with the batch first, -1 where unknown; empty when the model does not say how many there are. */
  readonly shape: readonly number[];
}

/**
 * A part of a pipeline that turns one array into another: the models that run in worker threads, or an
 * accelerator behind a network address.
 */
export interface Step {
  readonly input: StepInput;
  /** As `StepInput.shape`. */
  readonly outputShape: readonly number[];
  /**
   * @param tensor belongs to the step from here on: its memory may move to another thread
   * @param signal rejects the call at once with the signal's reason; nobody waits for work that has begun
   */
  run(tensor: FloatTensor, signal?: AbortSignal): Promise<FloatTensor>;
  /** Lets what is running finish and gives everything back. */
  close(): Promise<void>;
}
