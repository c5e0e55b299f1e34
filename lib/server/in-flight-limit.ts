import { GrpcStatus as status } from '../errors/grpc-status';
import { StatusError } from './status-error';

/** Limits the number of calls in flight. Calls above the limit are rejected immediately instead of queued. */
export class InFlightLimit {
  private inFlight = 0;

  constructor(private limit: number) {}

  /** Number of calls in flight. */
  get current(): number {
    return this.inFlight;
  }

  /** Maximum number of calls in flight. */
  get maximum(): number {
    return this.limit;
  }

  /** Changes the limit. Calls in flight continue, even if there are more than the new limit. */
  change(limit: number): void {
    this.limit = limit;
  }

  /**
   * @returns function to call when the call has ended
   * @throws StatusError RESOURCE_EXHAUSTED if the limit is reached
   */
  enter(): () => void {
    if (this.inFlight >= this.limit) {
      throw new StatusError(
        status.RESOURCE_EXHAUSTED,
        `the limit of ${this.limit} calls in flight is reached; retry with a backoff`,
      );
    }
    this.inFlight += 1;
    return () => {
      this.inFlight -= 1;
    };
  }
}
