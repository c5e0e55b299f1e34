import type { Classification } from '../client/classification';
import type { Expectation, SmokeTestStage, SmokeTestTarget } from './smoke-test-options';

/** The result of a smoke test, as the JSON report holds it. */
export interface SmokeTestReport {
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
  readonly target: Pick<SmokeTestTarget, 'address' | 'port' | 'tls' | 'hostname'> & {
    /** Whether calls carried a key. */
    readonly key: boolean;
  };
  readonly stages: readonly SmokeTestStage[];
  readonly image: {
    readonly path: string;
    /** The most probable classes, the first one first; empty where the image was not scored. */
    readonly topClasses: readonly Classification[];
    readonly expected: Expectation;
  };
  /** Milliseconds; absent where the image was not scored. */
  readonly latency?: {
    readonly first: number;
    /** Of the calls after the first one, shortest first. */
    readonly warm: readonly number[];
  };
}
