import type { SmokeTestEvent, SmokeTestStage, SmokeTestStageName } from './smoke-test-options';

/** The stages of one smoke test, told as they end. */
export class StageLog {
  readonly stages: SmokeTestStage[] = [];
  readonly startedAt = new Date().toISOString();
  private readonly started = performance.now();

  constructor(private readonly onEvent: ((event: SmokeTestEvent) => void) | undefined) {}

  get durationMs(): number {
    return roundMs(performance.now() - this.started);
  }

  /** @param work returns what was found, in a sentence */
  async stage(name: SmokeTestStageName, work: () => Promise<string>): Promise<void> {
    const before = performance.now();
    try {
      const detail = await work();
      this.push(name, 'passed', performance.now() - before, detail);
    } catch (error) {
      this.push(name, 'failed', performance.now() - before, messageOf(error));
      throw error;
    }
  }

  skip(name: SmokeTestStageName, detail: string): void {
    this.push(name, 'skipped', 0, detail);
  }

  private push(
    name: SmokeTestStageName,
    outcome: SmokeTestStage['outcome'],
    durationMs: number,
    detail: string,
  ): void {
    const stage = { name, outcome, durationMs: roundMs(durationMs), detail };
    this.stages.push(stage);
    this.onEvent?.({ kind: 'stage', stage });
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Milliseconds with one digit after the point. */
export function roundMs(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
