import { LinkedAbort } from '../../concurrency/abort';
import { GrpcStatus as status } from '../../errors/grpc-status';
import { parseTimeout } from './grpc-headers';
import { StatusError } from '../status-error';

/** How long a call has run, and what ends it early: the caller, its deadline, a slow transfer or the server. */
export class CallLifetime {
  private readonly startedAt = performance.now();
  private readonly abort = new LinkedAbort();
  private deadline: NodeJS.Timeout | undefined;
  private endsAt: number | undefined;

  /** Aborts when the call must end. Its reason is a `StatusError`. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Whether the call must end. */
  get stopped(): boolean {
    return this.abort.aborted;
  }

  /** Deadline in milliseconds since the epoch, or undefined if the caller set none. */
  get deadlineAt(): number | undefined {
    return this.endsAt;
  }

  get durationMs(): number {
    return performance.now() - this.startedAt;
  }

  /** Ends the call with this status. */
  stop(reason: StatusError): void {
    this.abort.abort(reason);
  }

  /**
   * Starts the deadline that the caller set.
   * @param header value of `grpc-timeout`
   * @throws StatusError INVALID_ARGUMENT if the header is invalid
   */
  limit(header: string | string[] | undefined): void {
    const timeout = parseTimeout(header);
    if (timeout === undefined) {
      return;
    }
    this.endsAt = Date.now() + timeout;
    this.deadline = setTimeout(() => {
      this.stop(
        new StatusError(
          status.DEADLINE_EXCEEDED,
          `the deadline of ${timeout} ms was exceeded; raise it or send fewer images per call`,
        ),
      );
    }, timeout);
  }

  /** Stops the deadline. */
  end(): void {
    clearTimeout(this.deadline);
  }

  /** Limits a transfer: a deliberately slow or vanished peer must not occupy a slot that other calls wait for. */
  async inTime<T>(problem: string, limitMs: number, transfer: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.stop(new StatusError(status.DEADLINE_EXCEEDED, `${problem} within the limit of ${limitMs} ms`));
    }, limitMs);
    try {
      return await transfer();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Rejects as soon as the call must end. Waits for one promise at a time, and not at all for another value. */
  untilAborted<T>(work: T | Promise<T>): T | Promise<T> {
    if (!(work instanceof Promise)) {
      return work;
    }
    if (this.abort.aborted) {
      work.catch(ignore);
      const reason = this.abort.reason as Error;
      return Promise.reject(reason);
    }
    return new Promise<T>((resolve, reject) => {
      this.abort.onAbort = reject;
      work.then(resolve, reject);
    });
  }
}

function ignore(): void {
  // The outcome of the call reports the error.
}
