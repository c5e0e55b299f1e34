import { BrainwaveError, messageOf } from '../errors/brainwave-error';
import { roundMs } from './latency';
import type { SmokeTestEvent } from './smoke-test-report';
import type { SmokeTestCheck, SmokeTestCheckName } from './smoke-test-report';
import type { Skipped } from './checks/check';

/** Checks of one smoke test, reported as they start and end. */
export class CheckLog {
  readonly checks: SmokeTestCheck[] = [];
  readonly startedAt = new Date().toISOString();
  private readonly started = performance.now();

  constructor(private readonly onEvent: ((event: SmokeTestEvent) => void) | undefined) {}

  get durationMs(): number {
    return roundMs(performance.now() - this.started);
  }

  /** @param work returns the finding as a sentence, or why the check does not apply */
  async run(name: SmokeTestCheckName, work: () => Promise<string | Skipped>): Promise<void> {
    const startMs = this.durationMs;
    this.onEvent?.({ kind: 'check-started', check: name });
    const durationMs = () => roundMs(this.durationMs - startMs);
    try {
      const found = await work();
      this.push(
        typeof found === 'string'
          ? { name, outcome: 'passed', startMs, durationMs: durationMs(), detail: found }
          : { name, outcome: 'skipped', startMs, durationMs: durationMs(), detail: found.skipped },
      );
    } catch (error) {
      this.push({ name, outcome: 'failed', startMs, durationMs: durationMs(), ...failureOf(error) });
      throw error;
    }
  }

  /** Records a check that was not run. */
  notRun(name: SmokeTestCheckName): void {
    this.checks.push({
      name,
      outcome: 'not-run',
      startMs: 0,
      durationMs: 0,
      detail: 'an earlier check failed',
    });
  }

  private push(check: SmokeTestCheck): void {
    this.checks.push(check);
    this.onEvent?.({ kind: 'check-ended', check });
  }
}

function failureOf(error: unknown): Pick<SmokeTestCheck, 'code' | 'detail' | 'reason' | 'remedy'> {
  if (!(error instanceof BrainwaveError)) {
    return { code: 'UNEXPECTED', detail: messageOf(error) };
  }
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : undefined;
  const { code, finding, remedy } = error;
  return { code, detail: finding, reason, remedy };
}
