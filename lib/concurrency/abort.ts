import { setMaxListeners } from 'node:events';

/**
 * A signal of our own that also fires when the caller's does. Not `AbortSignal.any`, which on Node 20 leaves
 * something behind at a signal that outlives the call; `end` leaves nothing.
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
    // One signal may well stop hundreds of calls: that is no leak, and Node need not warn of one.
    setMaxListeners(0, outer);
    outer.addEventListener('abort', this.follow);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(): void {
    this.controller.abort();
  }

  /** Lets go of the caller's signal. */
  end(): void {
    this.outer?.removeEventListener('abort', this.follow);
  }
}

/** Settles as the promise does, or rejects with the signal's reason as soon as the signal aborts. */
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
