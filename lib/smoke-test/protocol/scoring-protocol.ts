import type { WaitUntilReadyOptions } from '../../client/readiness';
import type { Answer } from '../answer';
import type { SmokeTestReport } from '../smoke-test-report';

/** A way of calling a scoring service. */
export interface ScoringProtocol {
  /**
   * Waits until the service can score.
   * @throws NotReadyInTimeError with the last reason as its cause; the reason itself where waiting is of no use
   */
  waitUntilReady(waiting: WaitUntilReadyOptions): Promise<Readiness>;

  /**
   * Calls with this key in place of the target's, as cheaply as can be.
   * @throws UnauthenticatedError where it is refused; another error where it is not answered for another reason, so
   * that nothing is known of the key
   */
  callWithKey(key: string | undefined, signal: AbortSignal | undefined): Promise<void>;

  /**
   * Scores an image, or posts a request.
   * @throws PredictionError
   */
  score(sample: Uint8Array, signal: AbortSignal | undefined): Promise<Answer>;

  close(): void;
}

/** What a service that is ready says of itself. */
export interface Readiness {
  /** In a sentence. */
  readonly detail: string;
  readonly model?: SmokeTestReport['model'] | undefined;
}
