import { setMaxListeners } from 'node:events';

/**
 * Abortion of an operation, which also follows the caller's signal. `AbortSignal.any` is not used because on Node 20 it leaks
 * memory if the caller's signal outlives the call. `end` removes the listener.
 *
 * Its own signal is created when somebody asks for it: that takes as long as a good part of a call, and most calls do not need it.
 */
export class LinkedAbort {
  /** Called when the operation is aborted. */
  onAbort: ((reason: unknown) => void) | undefined;
  private controller: AbortController | undefined;
  private cause: { readonly reason: unknown } | undefined;
  private readonly follow = () => {
    this.abort(this.outer?.reason);
  };

  constructor(private readonly outer?: AbortSignal) {
    if (!outer) {
      return;
    }
    if (outer.aborted) {
      this.follow();
      return;
    }
    // One signal may cancel hundreds of calls. That is not a leak, so Node's warning is disabled.
    setMaxListeners(0, outer);
    outer.addEventListener('abort', this.follow);
  }

  get aborted(): boolean {
    return this.cause !== undefined;
  }

  get reason(): unknown {
    return this.cause?.reason;
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      setMaxListeners(0, this.controller.signal);
      if (this.cause) {
        this.controller.abort(this.cause.reason);
      }
    }
    return this.controller.signal;
  }

  /** Only the first call counts. */
  abort(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
    if (!this.cause) {
      this.cause = { reason };
      this.controller?.abort(reason);
      this.onAbort?.(reason);
    }
  }

  /** Stops listening to the caller's signal. */
  end(): void {
    this.outer?.removeEventListener('abort', this.follow);
  }
}

/** Settles like the promise, or rejects with the signal's reason as soon as the signal aborts. */
export async function untilAborted<Result>(promise: Promise<Result>, signal?: AbortSignal): Promise<Result> {
  if (signal === undefined) {
    return promise;
  }
  return new Promise<Result>((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) {
      abort();
    }
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}
