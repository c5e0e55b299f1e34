import { BrainwaveError } from '../errors/brainwave-error';
import { roundMs } from './latency';
import { messageOf } from '../errors/message-of';
import type { SmokeTestEvent } from './smoke-test-event';
import type { SmokeTestStage, SmokeTestStageName } from './smoke-test-report';
import type { Skipped } from './stages/stage';

/** The stages of one smoke test, told as they begin and end. */
export class StageLog {
  readonly stages: SmokeTestStage[] = [];
  readonly startedAt = new Date().toISOString();
  private readonly started = performance.now();

  constructor(private readonly onEvent: ((event: SmokeTestEvent) => void) | undefined) {}

  get durationMs(): number {
    return roundMs(performance.now() - this.started);
  }

  /** @param work returns what was found, in a sentence, or why the stage does not apply */
  async run(name: SmokeTestStageName, work: () => Promise<string | Skipped>): Promise<void> {
    const startMs = this.durationMs;
    this.onEvent?.({ kind: 'stage-started', stage: name });
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

  /** A stage that comes too late. */
  notRun(name: SmokeTestStageName): void {
    this.stages.push({
      name,
      outcome: 'not-run',
      startMs: 0,
      durationMs: 0,
      detail: 'a stage before it failed',
    });
  }

  private push(stage: SmokeTestStage): void {
    this.stages.push(stage);
    this.onEvent?.({ kind: 'stage-ended', stage });
  }
}

function failureOf(error: unknown): Pick<SmokeTestStage, 'code' | 'detail' | 'reason' | 'remedy'> {
  if (!(error instanceof BrainwaveError)) {
    return { code: 'UNEXPECTED', detail: messageOf(error) };
  }
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : undefined;
  const { code, finding, remedy } = error;
  return {
    code,
    detail: finding,
    ...(reason !== undefined && { reason }),
    ...(remedy !== undefined && { remedy }),
  };
}
