import { status } from '@grpc/grpc-js';

import { StatusError } from './status-error';

/** Bounds how many calls are worked on at once. What comes on top is refused at once instead of queued. */
export class InFlightLimit {
  private inFlight = 0;

  constructor(private readonly limit: number) {}

  /**
   * @returns a function that gives the place back
   * @throws StatusError RESOURCE_EXHAUSTED when all places are taken
   */
  enter(): () => void {
    if (this.inFlight >= this.limit) {
      throw new StatusError(
        status.RESOURCE_EXHAUSTED,
        `${this.limit} calls are in flight, as many as this server takes at once; try again after a pause`,
      );
    }
    this.inFlight += 1;
    return () => {
      this.inFlight -= 1;
    };
  }
}
