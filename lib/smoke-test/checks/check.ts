import type { WaitUntilReadyOptions } from '../../client/readiness';
import type { Answer } from '../answer';
import type { Baseline } from '../baseline';
import type { ResolvedTarget } from '../target';
import type { ScoringProtocol } from '../protocol/scoring-protocol';
import type { SmokeTestOptions, SmokeTestSample } from '../smoke-test-options';
import type { SmokeTestReport, SmokeTestCheckName } from '../smoke-test-report';

/** A step of a smoke test. */
export interface Check {
  readonly name: SmokeTestCheckName;

  /**
   * @returns what was found, in a sentence; or why the step does not apply
   * @throws BrainwaveError where the service is at fault
   */
  run(context: CheckContext): Promise<string | Skipped>;
}

/** A step that does not apply to this service. */
export interface Skipped {
  readonly skipped: string;
}

/** What the steps of one test share. */
export interface CheckContext {
  readonly options: SmokeTestOptions;
  readonly target: ResolvedTarget;
  readonly scoring: ScoringProtocol;
  /** In the order of the options. */
  readonly samples: readonly LoadedSample[];
  /** Absent where answers are not compared with earlier ones. */
  readonly baseline: Baseline | undefined;
  /** What the steps found, for the report and for the steps after them. */
  readonly findings: Findings;

  /** How long to wait for what may pass by itself: what is left of the whole test's time, told to those who watch. */
  readonly waiting: () => WaitUntilReadyOptions;

  /** Tells those who watch how far the step is. */
  readonly progress: (done: number, total: number, unit: 'calls' | 'ms') => void;
}

export interface LoadedSample extends SmokeTestSample {
  readonly content: Uint8Array;
}

/** Filled step by step. */
export interface Findings {
  dns?: SmokeTestReport['dns'] | undefined;
  certificate?: SmokeTestReport['certificate'] | undefined;
  model?: SmokeTestReport['model'] | undefined;
  latency?: SmokeTestReport['latency'] | undefined;
  /** The first answer to each sample, by its place. */
  readonly answers: Map<number, Answer>;
  /** Why a sample has no answer, by its place. */
  readonly refusals: Map<number, string>;
}
