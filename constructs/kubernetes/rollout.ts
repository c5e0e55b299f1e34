/**
 * How a changed model, image, configuration, certificate or key replaces the one that serves.
 */
export class Rollout {
  /**
   * Replaces pods one at a time, each once the new one is ready. Needs the capacity for one more pod. The smoke test runs
   * when the rollout has ended, so callers reach a model before it is tested.
   */
  static rolling(): Rollout {
    return new Rollout(false);
  }

  /**
   * Starts all pods of the new revision beside the old ones, runs the smoke tests of the service against them, and only
   * then lets callers reach them. If a test fails, the old revision continues to serve and no call reaches the new one.
   * Needs twice the capacity during a rollout, and a smoke test in the stack of the service.
   */
  static blueGreen(): Rollout {
    return new Rollout(true);
  }

  private constructor(
    /** Whether a revision is tested before callers reach it. */
    readonly testsBeforeTraffic: boolean,
  ) {}
}
