import { setMaxListeners } from 'node:events';

/**
 * Signal that also aborts when the caller's signal does. `AbortSignal.any` is not used because on Node 20 it leaks
 * memory if the caller's signal outlives the call. `end` removes the listener.
 */
export class LinkedAbort {
  private readonly controller = new AbortController();
  private readonly follow = () => {
    this.controller.abort(this.outer?.reason);
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

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(): void {
    this.controller.abort();
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
