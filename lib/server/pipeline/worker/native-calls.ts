import type { Worker } from 'node:worker_threads';

/*
 * When a native call returns to a thread that was terminated meanwhile, ONNX Runtime throws an exception that nothing can
 * catch, and the process aborts. A state in shared memory says whether a thread is in such a call.
 */

const [INTERRUPTIBLE, NATIVE, TERMINATED] = [0, 1, 2];

/** Returns the memory that a thread and the one that may terminate it share. */
export function nativeCallsMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

/** Native calls of a thread, which is not terminated meanwhile. */
export class NativeCalls {
  private readonly state: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.state = new Int32Array(memory);
  }

  /** Makes a call. Calls must not overlap. */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    if (Atomics.compareExchange(this.state, 0, INTERRUPTIBLE, NATIVE) === TERMINATED) {
      // Returns only if the thread is not terminated after all.
      Atomics.wait(this.state, 0, TERMINATED);
    }
    try {
      return await call();
    } finally {
      Atomics.store(this.state, 0, INTERRUPTIBLE);
      Atomics.notify(this.state, 0);
    }
  }
}

/** States of the threads that run. */
const states = new Set<Int32Array>();

/** A worker thread that is terminated only between its native calls. */
export class TerminableWorker {
  private readonly state: Int32Array;

  /** @param memory the memory that the thread passes to `NativeCalls` */
  constructor(
    readonly worker: Worker,
    memory: SharedArrayBuffer,
  ) {
    if (states.size === 0) {
      process.on('exit', waitForNativeCalls);
    }
    const state = new Int32Array(memory);
    this.state = state;
    states.add(state);
    worker.once('exit', () => {
      states.delete(state);
      if (states.size === 0) {
        process.off('exit', waitForNativeCalls);
      }
    });
  }

  /**
   * Terminates the thread.
   * @returns whether it was terminated; false if it is in a native call
   */
  terminate(): boolean {
    if (!mayEnd(this.state)) {
      return false;
    }
    void this.worker.terminate();
    return true;
  }
}

function mayEnd(state: Int32Array): boolean {
  return Atomics.compareExchange(state, 0, INTERRUPTIBLE, TERMINATED) !== NATIVE;
}

/** The end of the process terminates all threads. */
function waitForNativeCalls(): void {
  for (const state of states) {
    while (!mayEnd(state)) {
      Atomics.wait(state, 0, NATIVE);
    }
  }
}
