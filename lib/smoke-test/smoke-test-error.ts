import { BrainwaveError, type BrainwaveErrorOptions } from '../errors/brainwave-error';

/** The ways in which a service that answers is wrong. */
export type SmokeTestFailureCode =
  /** An answer is not what is expected. */
  | 'EXPECTATION_FAILED'
  /** Calls that must be refused are answered. */
  | 'AUTHENTICATION_OPEN'
  /** It is slower than it may be. */
  | 'LATENCY_BUDGET'
  /** The certificate is valid and trusted, but not for as long as is expected. */
  | 'CERTIFICATE_EXPIRING'
  /** The test itself was asked for something that cannot be. */
  | 'SMOKE_TEST_INPUT';

/** A service that answers, but not as it should. */
export class SmokeTestError extends BrainwaveError {
  constructor(
    readonly code: SmokeTestFailureCode,
    finding: string,
    options?: BrainwaveErrorOptions,
  ) {
    super(finding, options);
  }
}

/** The test was asked for something that cannot be. */
export function inputError(finding: string, cause?: unknown): SmokeTestError {
  return new SmokeTestError('SMOKE_TEST_INPUT', finding, cause === undefined ? {} : { cause });
}
