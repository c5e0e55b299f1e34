import type { Rollout } from './wait-for-rollout';

/** The service to test. Secrets are named by their files, which are read when the test runs. */
export interface SmokeTestTarget {
  /** An IP address or a host name. */
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  /**
   * The name to check the certificate against.
   * @default - the address
   */
  readonly hostname?: string;
  /**
   * Holds `{"primaryKey","secondaryKey"}`, or a key alone.
   * @default - calls carry no key
   */
  readonly keyFile?: string;
  /**
   * PEM: what to trust.
   * @default - the public roots
   */
  readonly rootCertificateFile?: string;
}

/** What the image must be taken for. */
export interface Expectation {
  /** The first class's name. */
  readonly label?: string;
  /** The first class's number. */
  readonly classIndex?: number;
  /** What the first class's probability must reach, 0 to 1. */
  readonly minimumProbability?: number;
}

export interface SmokeTestOptions {
  readonly target: SmokeTestTarget;
  /** The image's path. */
  readonly image: string;
  /** @default - whatever model the service has */
  readonly model?: string;
  /**
   * The classes' names, class 0 first.
   * @default - classes are named by their numbers
   */
  readonly labels?: readonly string[];
  readonly expect?: Expectation;
  /**
   * Milliseconds to wait until the service is ready.
   * @default 300,000
   */
  readonly readyTimeoutMs?: number;
  /**
   * A change that may still be under way when the test begins.
   * @default - what answers first is tested
   */
  readonly rollout?: Rollout;
  /**
   * Calls after the first one, whose latency the report shows.
   * @default 5
   */
  readonly warmCalls?: number;
  /** Ends the test. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: SmokeTestEvent) => void;
}

/** The steps of a smoke test, in order. */
export type SmokeTestStageName = 'ready' | 'authentication' | 'score' | 'expectation';

/** What happens while a smoke test runs. */
export type SmokeTestEvent =
  | { readonly kind: 'waiting'; readonly elapsedMs: number; readonly reason: string }
  | { readonly kind: 'stage'; readonly stage: SmokeTestStage };

export interface SmokeTestStage {
  readonly name: SmokeTestStageName;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** What was found, in a sentence. */
  readonly detail: string;
}
