import { status } from '@grpc/grpc-js';

import { StatusError } from './status-error';

/** Bounds how many calls are worked on at once. What comes on top is refused at once instead of queued. */
export class InFlightLimit {
  private inFlight = 0;

  constructor(private limit: number) {}

  /** Calls that are in flight go on, also where there are more than the new limit. */
  change(limit: number): void {
    this.limit = limit;
  }

  /**
   * @returns a function that gives the place back
   * @throws StatusError RESOURCE_EXHAUSTED when all places are taken
   */
  enter(): () => void {
    if (this.inFlight >= this.limit) {
      throw new StatusError(
        status.RESOURCE_EXHAUSTED,
        `${this.inFlight} calls are in flight, as many as this server takes at once; try again after a pause`,
      );
    }
    this.inFlight += 1;
    return () => {
      this.inFlight -= 1;
    };
  }
}
