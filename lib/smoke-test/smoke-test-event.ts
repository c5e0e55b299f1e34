import type { SmokeTestCheck, SmokeTestCheckName } from './smoke-test-report';

/** What happens while a smoke test runs, for those who watch it. */
export type SmokeTestEvent =
  | { readonly kind: 'check-started'; readonly check: SmokeTestCheckName }
  /** A look that found the service not ready; another one follows until `timeoutMs` have passed. */
  | {
      readonly kind: 'waiting';
      readonly check: SmokeTestCheckName;
      readonly elapsedMs: number;
      readonly timeoutMs: number;
      /** Why it waits, in a sentence. */
      readonly reason: string;
    }
  /** Calls that were answered so far, of those that are to be made, or of the milliseconds that they may take. */
  | {
      readonly kind: 'progress';
      readonly check: SmokeTestCheckName;
      readonly done: number;
      readonly total: number;
      readonly unit: 'calls' | 'ms';
    }
  | { readonly kind: 'check-ended'; readonly check: SmokeTestCheck };
