import type { SmokeTestStage, SmokeTestStageName } from './smoke-test-report';

/** What happens while a smoke test runs, for those who watch it. */
export type SmokeTestEvent =
  | { readonly kind: 'stage-started'; readonly stage: SmokeTestStageName }
  /** A look that found the service not ready; another one follows until `timeoutMs` have passed. */
  | {
      readonly kind: 'waiting';
      readonly stage: SmokeTestStageName;
      readonly elapsedMs: number;
      readonly timeoutMs: number;
      /** Why it waits, in a sentence. */
      readonly reason: string;
    }
  /** Calls that were answered so far, of those that are to be made, or of the milliseconds that they may take. */
  | {
      readonly kind: 'progress';
      readonly stage: SmokeTestStageName;
      readonly done: number;
      readonly total: number;
      readonly unit: 'calls' | 'ms';
    }
  | { readonly kind: 'stage-ended'; readonly stage: SmokeTestStage };
