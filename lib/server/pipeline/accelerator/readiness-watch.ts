import { setTimeout as delay } from 'node:timers/promises';

import { DeadlineExceededError, OverloadedError } from '../../../errors/prediction-errors';
import type { AcceleratorError } from '../pipeline-errors';
import type { StepReadiness } from '../step';
import type { AcceleratorProblems } from './accelerator-problem';
import type { ChosenTensors } from './chosen-tensors';

/** Milliseconds between readiness checks. */
const intervalMs = { ready: 1_000, notReady: 500, least: 100 };
/** A busy accelerator may respond late to readiness checks. After this many late responses it counts as hung. */
const MAX_LATE_LOOKS = 3;

/** Readiness checks of an accelerator. */
export interface Look {
  /** Returns whether the model is loaded and ready. */
  isReady(signal: AbortSignal): Promise<boolean>;
  /** Returns the model's tensors. Called again when the model may have changed. */
  chooseTensors(signal: AbortSignal): Promise<ChosenTensors>;
}

/** Polls the readiness of an accelerator. */
export class ReadinessWatch implements StepReadiness {
  private readonly listeners: (() => void)[] = [];
  private readonly lifetime = new AbortController();
  private current: ChosenTensors | undefined;
  private reason: AcceleratorError | undefined;
  private isSuspect = true;
  private lateLooks = 0;
  private wake: () => void = nothing;
  private watching: Promise<void> | undefined;

  private constructor(
    private readonly look: Look,
    private readonly problems: AcceleratorProblems,
  ) {
    this.reason = problems.notLoaded();
  }

  /**
   * Checks once, then continues to poll. An accelerator that is not ready is not an error.
   * @param signal aborts the first check; the call rejects with the signal's reason
   */
  static async start(
    look: Look,
    problems: AcceleratorProblems,
    signal?: AbortSignal,
  ): Promise<ReadinessWatch> {
    const watch = new ReadinessWatch(look, problems);
    const stop = (): void => {
      watch.lifetime.abort();
    };
    signal?.addEventListener('abort', stop);
    try {
      await watch.lookOnce();
      signal?.throwIfAborted();
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    watch.watching = watch.keepLooking();
    return watch;
  }

  get problem(): AcceleratorError | undefined {
    return this.reason;
  }

  /** Tensors of the model when the accelerator was last ready. */
  get tensors(): ChosenTensors | undefined {
    return this.current;
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Checks again, because a request failed in a way that suggests a change. */
  suspect(): void {
    this.isSuspect = true;
    this.wake();
  }

  async close(): Promise<void> {
    this.lifetime.abort();
    this.wake();
    await this.watching;
  }

  private async keepLooking(): Promise<void> {
    const { signal } = this.lifetime;
    while (!signal.aborted) {
      await this.pause(signal);
      await this.lookOnce();
    }
  }

  private async pause(signal: AbortSignal): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    const timer = (ms: number) => delay(ms, undefined, { signal, ref: false }).catch(nothing);
    // One check is enough for many requests that fail together.
    await timer(intervalMs.least);
    if (this.isSuspect && this.reason === undefined) {
      return;
    }
    const rest = this.reason === undefined ? intervalMs.ready : intervalMs.notReady;
    await Promise.race([woken, timer(rest - intervalMs.least)]);
  }

  private async lookOnce(): Promise<void> {
    const { signal } = this.lifetime;
    if (signal.aborted) {
      return;
    }
    try {
      if (!(await this.look.isReady(signal))) {
        this.become(this.problems.notLoaded());
        return;
      }
      if (this.isSuspect || this.reason !== undefined) {
        this.isSuspect = false;
        this.current = await this.look.chooseTensors(signal);
      }
      this.lateLooks = 0;
      this.become(undefined);
    } catch (error) {
      if (this.lifetime.signal.aborted) {
        return;
      }
      const isLate = error instanceof DeadlineExceededError || error instanceof OverloadedError;
      this.lateLooks = isLate ? this.lateLooks + 1 : 0;
      if (isLate && this.reason === undefined && this.lateLooks < MAX_LATE_LOOKS) {
        return;
      }
      this.become(this.problems.ofReadiness(error));
    }
  }

  private become(reason: AcceleratorError | undefined): void {
    const isNew = reason?.problem !== this.reason?.problem;
    this.reason = reason;
    if (isNew) {
      for (const listener of this.listeners) {
        listener();
      }
    }
  }
}

function nothing(): void {
  // No one waits, or the wait was interrupted.
}
