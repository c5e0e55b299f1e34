import { isPlanar, type FloatTensor, type Shape } from '../../wire/tensor';
import type { OutputPart, StageTensor } from './named-outputs';
import type { AcceleratorError } from './pipeline-errors';
import type { CallTrace } from './stage-run';

/** Input of a step. */
export interface StepInput {
  /** Name of the tensor in the model, without an output index. */
  readonly name: string;
  /** Dimensions with the batch first, -1 if unknown; empty if the rank is unknown. */
  readonly shape: readonly number[];
}

/** Readiness of a step for which it can change, such as a step on an accelerator. */
export interface StepReadiness {
  /** Reason why the step cannot run now; undefined if it can. */
  readonly problem: AcceleratorError | undefined;
  /** @param listener called when `problem` changes */
  onChange(listener: () => void): void;
}

/**
 * A part of a pipeline that maps one array to another: models in worker threads, or an accelerator behind a network
 * address.
 */
export interface Step {
  readonly input: StepInput;
  /** Dimensions as in `StepInput.shape`. */
  readonly outputShape: readonly number[];
  /** Outputs by name if the step has several; it is then the last one. */
  readonly outputParts?: readonly OutputPart[] | undefined;
  /** Readiness of the step; undefined for a step that is always ready. */
  readonly readiness?: StepReadiness | undefined;
  /**
   * @param tensor owned by the step after the call: its memory may be transferred to another thread
   * @param signal rejects the call immediately with the signal's reason, without waiting for work in progress
   * @param deadlineAt deadline of the request, in milliseconds since the epoch
   * @param trace receives the runs of the step's stages for this request
   */
  run(
    tensor: FloatTensor,
    signal?: AbortSignal,
    deadlineAt?: number,
    trace?: CallTrace,
  ): Promise<StageTensor>;
  /**
   * Decodes encoded images and runs the step on them. Only a first step with an image stage has it.
   * @param images not changed
   * @throws InvalidImageError for an image that is not accepted
   */
  runImages?(images: readonly Uint8Array[], signal?: AbortSignal, trace?: CallTrace): Promise<StageTensor>;
  /** Reason why the step runs nothing anymore, which only a restart of the process changes; undefined if it does. */
  readonly failure?: string | undefined;
  /** Number of parts of requests that wait until the step has a thread for them. */
  readonly queueLength?: number | undefined;
  /** Waits for work in progress and releases all resources. */
  close(): Promise<void>;
}

/** Returns the remedy for a model whose input shape differs from the output shape of the stage before it. */
export function misfitRemedy(taken: Shape, given: Shape): string {
  return isPlanar(taken, given)
    ? "set the image stage's layout to NCHW, or export the model with channels last (NHWC)"
    : 'change the previous stage so that its output has this shape';
}
