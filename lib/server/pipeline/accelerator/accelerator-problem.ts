import {
  ConnectionFailedError,
  DeadlineExceededError,
  InvalidInputError,
  ModelNotFoundError,
  OverloadedError,
  UnavailableError,
} from '../../../errors/prediction-errors';
import { isMissingMethod } from '../../../client/service-caller';
import type { BrainwaveStageJson } from '../../../service-definition/service-definition-json';
import { AcceleratorError, type AcceleratorFailureReason, InferenceFailedError } from '../pipeline-errors';
import type { AcceleratorProtocol } from './accelerator-options';
import { UnfitModelError } from './chosen-tensors';
import { messageOf } from '../../../errors/message-of';

/**
 * The error of a call to an accelerator, in words that may go to the caller of the service: without the
 * accelerator's address, which stays in the cause.
 */
export class AcceleratorProblems {
  constructor(
    private readonly stage: BrainwaveStageJson,
    private readonly protocol: AcceleratorProtocol,
  ) {}

  /** What a failed request ends with. */
  ofRequest(error: unknown): AcceleratorError | InferenceFailedError {
    if (error instanceof InvalidInputError) {
      return new InferenceFailedError(this.stage.name, error.message);
    }
    return (
      this.ofTransport(error) ?? this.error('failed', `the accelerator failed: ${messageOf(error)}`, error)
    );
  }

  /** Why an accelerator is not ready. */
  ofReadiness(error: unknown): AcceleratorError {
    if (error instanceof UnfitModelError) {
      return this.unavailable(`the accelerator's ${this.model} ${error.message}`, error);
    }
    if (error instanceof DeadlineExceededError) {
      return this.unavailable('the accelerator hangs; try again when it answers', error);
    }
    if (isMissingMethod(error)) {
      return this.unavailable(
        `the server at the accelerator's address does not speak ${this.protocol}; correct the accelerator's ` +
          'address or protocol',
        error,
      );
    }
    return (
      this.ofTransport(error) ??
      this.unavailable("the accelerator's answer is not understood; the server's log says more", error)
    );
  }

  /** It says itself that it is not ready. */
  notLoaded(): AcceleratorError {
    return this.unavailable(
      `the accelerator has not loaded the ${this.model}; try again in a moment, or correct the stage's ` +
        'model_ref and model_version',
    );
  }

  late(timeoutMs: number, cause?: unknown): AcceleratorError {
    return this.error(
      'deadline-exceeded',
      `the accelerator did not answer within ${Math.round(timeoutMs).toLocaleString('en')} ms; raise the ` +
        "call's deadline, or send fewer images at once",
      cause,
    );
  }

  /** An answer that is not what the stage promises. */
  wrong(problem: string): AcceleratorError {
    return this.error('failed', problem);
  }

  private ofTransport(error: unknown): AcceleratorError | undefined {
    if (error instanceof ConnectionFailedError) {
      return this.unavailable('the accelerator does not answer; try again when it runs', error);
    }
    if (error instanceof UnavailableError) {
      return this.unavailable('the accelerator does not serve now; try again in a moment', error);
    }
    if (error instanceof OverloadedError) {
      return this.unavailable('the accelerator has as many calls as it takes; try again in a moment', error);
    }
    if (error instanceof ModelNotFoundError) {
      return this.unavailable(
        `the accelerator has no ${this.model}; load it there, or correct the stage's model_ref and model_version`,
        error,
      );
    }
    return undefined;
  }

  private get model(): string {
    return `model '${this.stage.model_ref}' (version '${this.stage.model_version}')`;
  }

  private unavailable(problem: string, cause?: unknown): AcceleratorError {
    return this.error('unavailable', problem, cause);
  }

  private error(reason: AcceleratorFailureReason, problem: string, cause?: unknown): AcceleratorError {
    return new AcceleratorError(this.stage.name, reason, problem, { cause });
  }
}
