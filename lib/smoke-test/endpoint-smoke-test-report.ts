import type { AnswerExpectation } from './answer-expectation';
import type { Latency } from './latency';
import type { SmokeTestStage } from './smoke-test-options';

/** The result of a smoke test over HTTP, as the JSON report holds it. */
export interface EndpointSmokeTestReport {
  /** The report's format. It changes when a field is renamed or removed. */
  readonly schemaVersion: 1;
  readonly passed: boolean;
  /** Why it failed, in a sentence; absent where it passed. */
  readonly reason?: string;
  /** The failure's stable name, such as `CONNECTION_FAILED`; absent where it passed. */
  readonly code?: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly target: {
    readonly scoringUri: string;
    /** Whether calls carried a key. */
    readonly key: boolean;
  };
  readonly stages: readonly SmokeTestStage[];
  readonly request: {
    /** The body's file. */
    readonly path: string;
    /** The answer's first 4096 characters; absent where there was none. */
    readonly answer?: string;
    readonly expected: AnswerExpectation;
  };
  /** Absent where the request was not answered. */
  readonly latency?: Latency;
}
