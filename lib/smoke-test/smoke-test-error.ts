import { BrainwaveError } from '../errors/brainwave-error';

/** The ways in which a service that answers is wrong. */
export type SmokeTestFailureCode = 'EXPECTATION_FAILED' | 'AUTHENTICATION_OPEN' | 'SMOKE_TEST_INPUT';

/** A service that answers, but not as it should. */
export class SmokeTestError extends BrainwaveError {
  constructor(
    readonly code: SmokeTestFailureCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
