import {
  ConnectionFailedError,
  DeadlineExceededError,
  InvalidInputError,
  ModelNotFoundError,
  OverloadedError,
  UnavailableError,
  UnexpectedResponseError,
} from '../../../errors/prediction-errors';
import { isMissingMethod } from '../../../client/service-caller';
import type { BrainwaveStageJson } from '../../../service-definition/service-definition-json';
import { AcceleratorError, type AcceleratorFailureReason, InferenceFailedError } from '../pipeline-errors';
import type { AcceleratorModelName, AcceleratorProtocol } from './accelerator-options';
import { UnfitModelError } from './chosen-tensors';
import { messageOf } from '../../../errors/brainwave-error';

/**
 * Describes errors of accelerator calls in a form that may be sent to the caller of the service: without the
 * accelerator's address, which stays in the cause.
 */
export class AcceleratorProblems {
  constructor(
    private readonly stage: BrainwaveStageJson,
    private readonly protocol: AcceleratorProtocol,
    private readonly asked: AcceleratorModelName,
  ) {}

  /** Returns the error of a failed request. */
  ofRequest(error: unknown): AcceleratorError | InferenceFailedError {
    if (error instanceof InvalidInputError) {
      return new InferenceFailedError(this.stage.name, error.message);
    }
    return (
      this.ofTransport(error) ?? this.error('failed', `the accelerator failed: ${messageOf(error)}`, error)
    );
  }

  /** Returns the reason why an accelerator is not ready. */
  ofReadiness(error: unknown): AcceleratorError {
    if (error instanceof UnfitModelError) {
      return this.unavailable(`the accelerator's ${this.model} ${error.message}`, error);
    }
    if (error instanceof DeadlineExceededError) {
      return this.unavailable(
        'the accelerator does not respond in time; restart it if it does not recover',
        error,
      );
    }
    if (isMissingMethod(error)) {
      return this.unavailable(
        `the server at the accelerator's address does not implement ${this.protocol}; correct the accelerator's ` +
          'address or protocol',
        error,
      );
    }
    return (
      this.ofTransport(error) ??
      this.unavailable("the accelerator's response is invalid; see the server's log", error)
    );
  }

  /** Returns the error of an accelerator that reports that it is not ready. */
  notLoaded(): AcceleratorError {
    return this.unavailable(
      `the accelerator has not loaded the ${this.model}; retry later, or set modelName and modelVersion of the ` +
        'accelerator to what the model is called there',
    );
  }

  late(timeoutMs: number, cause?: unknown): AcceleratorError {
    return this.error(
      'deadline-exceeded',
      `the accelerator did not respond within ${Math.round(timeoutMs).toLocaleString('en')} ms; raise the ` +
        "call's deadline, or send fewer images at once",
      cause,
    );
  }

  /** Returns the error of a response that does not match what the stage declares. */
  wrong(problem: string): AcceleratorError {
    return this.error('failed', problem);
  }

  private ofTransport(error: unknown): AcceleratorError | undefined {
    if (error instanceof ConnectionFailedError) {
      return this.unavailable('the accelerator cannot be reached; retry when it is running', error);
    }
    if (error instanceof UnavailableError) {
      return this.unavailable('the accelerator is unavailable; retry later', error);
    }
    if (error instanceof OverloadedError) {
      return this.unavailable('the accelerator is at its limit of concurrent calls; retry later', error);
    }
    if (isModelNotFound(error)) {
      return this.unavailable(
        `the accelerator has no ${this.model}; load it there, or set modelName and modelVersion of the accelerator to ` +
          'what the model is called there',
        error,
      );
    }
    return undefined;
  }

  private get model(): string {
    const { name, version } = this.asked;
    return `model '${name}' (${version === '' ? 'any version' : `version '${version}'`})`;
  }

  private unavailable(problem: string, cause?: unknown): AcceleratorError {
    return this.error('unavailable', problem, cause);
  }

  private error(reason: AcceleratorFailureReason, problem: string, cause?: unknown): AcceleratorError {
    return new AcceleratorError(this.stage.name, reason, problem, { cause });
  }
}

/** MLServer reports unknown models with the status UNKNOWN, and only the message says what is wrong. */
function isModelNotFound(error: unknown): boolean {
  return (
    error instanceof ModelNotFoundError ||
    (error instanceof UnexpectedResponseError &&
      /\bModelNotFound\b|\bmodel\b.*\bnot found\b/i.test(error.message))
  );
}
