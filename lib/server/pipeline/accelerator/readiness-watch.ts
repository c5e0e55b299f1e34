import { setTimeout as delay } from 'node:timers/promises';

import { DeadlineExceededError, OverloadedError } from '../../../errors/prediction-errors';
import type { AcceleratorError } from '../pipeline-errors';
import type { StepReadiness } from '../step';
import type { AcceleratorProblems } from './accelerator-problem';
import type { ChosenTensors } from './chosen-tensors';

/** Milliseconds between two looks at an accelerator. */
const intervalMs = { ready: 1_000, notReady: 500, least: 100 };
/** An accelerator that is busy may be late to say that it is ready; one that is late this often hangs. */
const MAX_LATE_LOOKS = 3;

/** What a watch asks of an accelerator. */
export interface Look {
  /** Whether the model is loaded and answers. */
  isReady(signal: AbortSignal): Promise<boolean>;
  /** The model's tensors; asked for again whenever the model may be another. */
  chooseTensors(signal: AbortSignal): Promise<ChosenTensors>;
}

/** Looks again and again whether an accelerator is ready. */
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
   * Looks once, and goes on looking. An accelerator that is not ready is no error.
   * @param signal ends the first look; the call rejects with the signal's reason
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

  /** The tensors of the model that the accelerator has, or had when it was last ready. */
  get tensors(): ChosenTensors | undefined {
    return this.current;
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** A request failed in a way that makes another look worth while. */
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
    // Many requests that fail at once are worth one look.
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
  // Nobody waits, or the wait was cut short.
}
