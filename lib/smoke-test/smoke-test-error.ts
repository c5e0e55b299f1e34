import { BrainwaveError, type BrainwaveErrorOptions } from '../errors/brainwave-error';

/** Kinds of failures that only a smoke test finds. */
export type SmokeTestFailureCode =
  /** An answer is not the expected one. */
  | 'EXPECTATION_FAILED'
  /** Calls without a valid key succeed. */
  | 'AUTHENTICATION_OPEN'
  /** The service exceeds its latency budget. */
  | 'LATENCY_BUDGET'
  /** The certificate is valid and trusted but expires too soon. */
  | 'CERTIFICATE_EXPIRING'
  /** The other service, with whose answers to compare, does not answer. */
  | 'REFERENCE_FAILED'
  /** An option, a file or a sample of the test is invalid. */
  | 'SMOKE_TEST_INPUT';

/** A smoke test failed for a reason other than the connection. */
export class SmokeTestError extends BrainwaveError {
  constructor(
    readonly code: SmokeTestFailureCode,
    finding: string,
    options?: BrainwaveErrorOptions,
  ) {
    super(finding, options);
  }
}

/** Creates the error for an invalid option, file or sample of a smoke test. */
export function inputError(finding: string, options?: BrainwaveErrorOptions): SmokeTestError {
  return new SmokeTestError('SMOKE_TEST_INPUT', finding, options);
}

/** Creates the error for an answer that is not the expected one. */
export function answerError(finding: string): SmokeTestError {
  return new SmokeTestError('EXPECTATION_FAILED', finding);
}

/** An option of a smoke test is invalid. The message uses the caller's name of the option. */
export class SmokeTestOptionError extends SmokeTestError {
  /** @param option path of the option in {@link SmokeTestOptions}, such as `expect.label` */
  constructor(
    readonly option: string,
    finding: string,
    options?: BrainwaveErrorOptions,
  ) {
    super('SMOKE_TEST_INPUT', finding, options);
  }
}
