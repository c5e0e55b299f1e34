import { status } from '@grpc/grpc-js';

import { BrainwaveError } from '../errors/brainwave-error';

/** A gRPC status with the sentence that the caller reads. */
export class StatusError extends BrainwaveError {
  readonly code = 'GRPC_STATUS';

  constructor(
    /** One of gRPC's status codes. */
    readonly status: status,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
