import type { WaitUntilReadyOptions } from '../../client/readiness';
import type { Recorded } from '../baseline';
import type { SmokeTestExpectation } from '../smoke-test-options';
import type { SmokeTestReport, SmokeTestSampleReport } from '../smoke-test-report';

/** Answer of a service to a sample. */
export interface Answer {
  /** Fields for the report. */
  readonly reported: Pick<SmokeTestSampleReport, 'topClasses' | 'answer'>;

  /**
   * Compares the answer with the expected answer.
   * @returns the finding as a sentence
   * @throws SmokeTestError EXPECTATION_FAILED with the received and the expected answer
   */
  check(expected: SmokeTestExpectation): string;

  /** Answer in the format of a baseline. */
  record(): Recorded;

  /** The answer to compare another one with, without the rounding of a baseline where that matters. */
  exact(): Recorded;

  /** Returns the largest difference from a recorded number; infinite if anything else differs. */
  driftFrom(recorded: Recorded): number;
}

/** Protocol in which a scoring service is called. */
export interface ScoringProtocol {
  /**
   * Waits until the service can score.
   * @throws NotReadyInTimeError with the last reason as its cause; the reason itself if waiting cannot help
   */
  waitUntilReady(waiting: WaitUntilReadyOptions): Promise<Readiness>;

  /**
   * Makes a cheap call with this key instead of the target's.
   * @throws UnauthenticatedError if the key is rejected; another error if the call fails for a reason unrelated to the key
   */
  callWithKey(key: string | undefined, signal: AbortSignal | undefined): Promise<void>;

  /**
   * Scores an image, or posts a request.
   * @throws PredictionError if the call fails
   */
  score(sample: Uint8Array, signal: AbortSignal | undefined): Promise<Answer>;

  close(): void;
}

/** Report of a service that is ready. */
export interface Readiness {
  /** Finding as a sentence. */
  readonly detail: string;
  readonly model?: SmokeTestReport['model'] | undefined;
}
