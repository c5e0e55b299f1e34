import type { WaitUntilReadyOptions } from '../../client/readiness';
import type { Comparisons } from '../compare';
import type { Answer, ScoringProtocol } from '../protocol/scoring-protocol';
import type { SmokeTestOptions, SmokeTestSample } from '../smoke-test-options';
import type { SmokeTestCheckName, SmokeTestReport } from '../smoke-test-report';
import type { ResolvedTarget } from '../target';

/** One check of a smoke test. */
export interface Check {
  readonly name: SmokeTestCheckName;

  /**
   * @returns the finding as a sentence, or why the check does not apply
   * @throws BrainwaveError if the service fails the check
   */
  run(context: CheckContext): Promise<string | Skipped>;
}

/** A check that does not apply to this service. */
export interface Skipped {
  readonly skipped: string;
}

/** Data that the checks of a test share. */
export interface CheckContext {
  readonly options: SmokeTestOptions;
  readonly target: ResolvedTarget;
  readonly scoring: ScoringProtocol;
  /** In the order of the options. */
  readonly samples: readonly LoadedSample[];
  /** Recorded answers, or those of another service. */
  readonly comparisons: Comparisons;
  /** Findings for the report and for later checks. */
  readonly findings: Findings;

  /** Options for waiting on conditions that can still change: at most until the ready timeout of the test. */
  readonly waiting: () => WaitUntilReadyOptions;

  /** Reports the progress of the check. */
  readonly progress: (done: number, total: number, unit: 'calls' | 'ms') => void;
}

export interface LoadedSample extends SmokeTestSample {
  readonly content: Uint8Array;
}

/** Findings, to which each check adds its own. */
export interface Findings extends Partial<
  Pick<Mutable<SmokeTestReport>, 'dns' | 'certificate' | 'model' | 'latency'>
> {
  /** First answer to each sample, by the sample's index. */
  readonly answers: Map<number, Answer>;
  /** Reason why a sample has no answer, by the sample's index. */
  readonly refusals: Map<number, string>;
  /** Results of the samples, once they have been compared with the expectations. */
  judged?: SmokeTestReport['samples'] | undefined;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
