/*
 * Messages name the properties of `Stage` (`inputTensor`), which users set, and not the fields of `service_def.json`
 * (`input_tensor`), in which they are stored.
 */

import { BrainwaveError } from '../../errors/brainwave-error';

/**
 * A stage of the service definition cannot run on this server. Thrown while the pipeline loads, before any request.
 */
export class StageNotSupportedError extends BrainwaveError {
  readonly code = 'STAGE_NOT_SUPPORTED';

  /**
   * @param stage name of the stage
   * @param problem what the stage needs that is missing, and the remedy
   */
  constructor(
    readonly stage: string,
    readonly problem: string,
  ) {
    super(`stage '${stage}' cannot run here: ${problem}`);
  }
}

/**
 * A stage's model file is missing or broken, or does not fit the stage before it. Thrown while the pipeline loads,
 * before any request.
 */
export class ModelLoadError extends BrainwaveError {
  readonly code = 'MODEL_LOAD_FAILED';

  /**
   * @param stage name of the stage
   * @param problem what is wrong with its model, and the remedy
   */
  constructor(
    readonly stage: string,
    readonly problem: string,
  ) {
    super(`stage '${stage}' cannot be loaded: ${problem}`);
  }
}

/**
 * An image of a request cannot be decoded or is not accepted: it is empty, truncated, in another format, or has too many
 * pixels. Sending the same bytes again fails again.
 */
export class InvalidImageError extends BrainwaveError {
  readonly code = 'INVALID_IMAGE';

  /**
   * @param index position of the image in the request, from 0
   * @param problem what was received and what is accepted, without any of the image's bytes
   */
  constructor(
    readonly index: number,
    readonly problem: string,
  ) {
    super(`images[${index}] ${problem}`);
  }
}

/**
 * The array of a request does not fit the pipeline: another kind of input, another shape, or a value that is NaN or
 * infinite.
 */
export class InvalidTensorError extends BrainwaveError {
  readonly code = 'INVALID_TENSOR';
}

/** A request carries more images, or rows of an array, than a pipeline accepts at once. */
export class BatchTooLargeError extends BrainwaveError {
  readonly code = 'BATCH_TOO_LARGE';

  /**
   * @param size number of images or rows in the request
   * @param limit number accepted at once (`PipelineLimits.maxBatch`)
   */
  constructor(
    readonly size: number,
    readonly limit: number,
  ) {
    super(`got a batch of ${size}, expected at most ${limit}; split it into several requests`);
  }
}

/** A model failed although its input had the right shape. */
export class InferenceFailedError extends BrainwaveError {
  readonly code = 'INFERENCE_FAILED';

  /**
   * @param stage name of the stage
   * @param problem the engine's message
   */
  constructor(
    readonly stage: string,
    readonly problem: string,
  ) {
    super(`stage '${stage}' failed: ${problem}`);
  }
}

/**
 * The worker thread that ran a request's models ended before it returned a result. The thread is replaced and other requests
 * continue. Sending the request again is safe.
 */
export class WorkerCrashedError extends BrainwaveError {
  readonly code = 'WORKER_CRASHED';

  /** @param reason the thread's exit code or its last error */
  constructor(reason: string) {
    super(`a worker thread ended while it ran the models (${reason}); send the request again`);
  }
}

/** Reason why an accelerator call failed. */
export type AcceleratorFailureReason =
  /** The accelerator is not running or has not loaded the model. A later retry may succeed. */
  | 'unavailable'
  /** The accelerator did not respond in time. */
  | 'deadline-exceeded'
  /** The accelerator failed, or its response does not match what the stage declares. */
  | 'failed';

/** A stage did not receive its features from the accelerator. */
export class AcceleratorError extends BrainwaveError {
  readonly code = 'ACCELERATOR_FAILED';

  /**
   * @param stage name of the stage
   * @param reason machine-readable reason
   * @param problem what is wrong, and the remedy
   */
  constructor(
    readonly stage: string,
    readonly reason: AcceleratorFailureReason,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`stage '${stage}' received no features: ${problem}`, options);
  }
}

/** A request arrived after `Pipeline.close`, or was still queued when the pipeline closed. */
export class PipelineClosedError extends BrainwaveError {
  readonly code = 'PIPELINE_CLOSED';

  constructor() {
    super('the pipeline is closed; load it again to score');
  }
}
