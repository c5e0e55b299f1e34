import { GrpcStatus as status } from '../errors/grpc-status';
import { BrainwaveError } from '../errors/brainwave-error';

/** A gRPC status with a message for the caller. */
export class StatusError extends BrainwaveError {
  readonly code = 'GRPC_STATUS';

  constructor(
    /** gRPC status code. */
    readonly status: status,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
