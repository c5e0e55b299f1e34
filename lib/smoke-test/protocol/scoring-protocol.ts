import type { WaitUntilReadyOptions } from '../../client/readiness';
import type { Recorded } from '../baseline';
import type { SmokeTestExpectation } from '../smoke-test-options';
import type { SmokeTestReport, SmokeTestSampleReport } from '../smoke-test-report';

/** Answer of a service to a sample. */
export interface Answer {
  /** Its part in the report. */
  readonly reported: Pick<SmokeTestSampleReport, 'topClasses' | 'answer'>;

  /**
   * Compares it with the expected answer.
   * @returns the finding as a sentence
   * @throws SmokeTestError EXPECTATION_FAILED with the received and the expected answer
   */
  check(expected: SmokeTestExpectation): string;

  /** Its form in a baseline. */
  record(): Recorded;

  /** Largest difference between a number in it and the recorded one; infinite if anything else differs. */
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
   * @throws UnauthenticatedError if the key is rejected; another error if the call fails for a reason that says nothing
   * about the key
   */
  callWithKey(key: string | undefined, signal: AbortSignal | undefined): Promise<void>;

  /**
   * Scores an image, or posts a request.
   * @throws PredictionError
   */
  score(sample: Uint8Array, signal: AbortSignal | undefined): Promise<Answer>;

  close(): void;
}

/** What a service reports when it is ready. */
export interface Readiness {
  /** Finding as a sentence. */
  readonly detail: string;
  readonly model?: SmokeTestReport['model'] | undefined;
}
