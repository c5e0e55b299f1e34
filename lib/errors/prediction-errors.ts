import { GrpcStatus } from './grpc-status';
import { BrainwaveError, type BrainwaveErrorOptions } from './brainwave-error';

/** Optional properties of every error of the client. */
export interface PredictionErrorOptions extends BrainwaveErrorOptions {
  /** gRPC status of the call, if any. */
  readonly grpcStatus?: GrpcStatus | undefined;
}

/** Base class of all errors of a prediction. */
export abstract class PredictionError extends BrainwaveError {
  /** gRPC status of the call; undefined if the client failed before the call. */
  readonly grpcStatus?: GrpcStatus | undefined;
  /** Name of the status, for example `UNAVAILABLE`. */
  readonly grpcStatusName?: string | undefined;

  constructor(finding: string, options: PredictionErrorOptions = {}) {
    super(finding, options);
    if (options.grpcStatus !== undefined) {
      this.grpcStatus = options.grpcStatus;
      this.grpcStatusName = GrpcStatus[options.grpcStatus];
    }
  }
}

/** Reason why a connection failed. */
export type ConnectionFailureReason =
  /** Nothing listens on the port. */
  | 'refused'
  /** There is no route to the address. */
  | 'unreachable'
  /** The host name cannot be resolved. */
  | 'name-not-found'
  /** The host name resolves to an address that is not the service's. Only the smoke test detects this. */
  | 'wrong-address'
  /** The proxy that calls go through does not connect to the service. */
  | 'proxy'
  /** No response: packets are dropped on the way, or the server hangs. */
  | 'timed-out'
  /** The connection was established and then closed. */
  | 'closed';

/** The connection to the server failed. */
export class ConnectionFailedError extends PredictionError {
  readonly code = 'CONNECTION_FAILED';

  constructor(
    finding: string,
    /** Machine-readable reason. */
    readonly reason: ConnectionFailureReason,
    options?: PredictionErrorOptions,
  ) {
    super(finding, options);
  }
}

/** Reason of a TLS failure. */
export type CertificateFailureReason =
  /** The certificate is self-signed and not among the trusted roots. */
  | 'self-signed'
  /** The certificate's issuer is not among the trusted roots, or the chain is incomplete. */
  | 'untrusted'
  | 'expired'
  | 'not-yet-valid'
  /** The certificate does not cover the host name. */
  | 'name-mismatch'
  /** The certificate has no Subject Alternative Names, which RFC 9525 requires. */
  | 'no-alternative-names'
  /** The certificate is not the one that was deployed. Only the smoke test detects this. */
  | 'not-deployed'
  /** The server requires a client certificate and received none, or one that it does not trust. */
  | 'client-certificate'
  /** The server uses plaintext, the client TLS. */
  | 'server-is-plaintext'
  /** The server uses TLS, the client plaintext. */
  | 'server-is-tls'
  /** Any other failure of the handshake. */
  | 'handshake';

/** The TLS handshake failed, or the server's certificate is not trusted. */
export class CertificateError extends PredictionError {
  readonly code = 'CERTIFICATE';

  constructor(
    finding: string,
    /** Machine-readable reason. */
    readonly reason: CertificateFailureReason,
    options?: PredictionErrorOptions,
  ) {
    super(finding, options);
  }
}

/** The server requires a key and received none or an invalid one. */
export class UnauthenticatedError extends PredictionError {
  readonly code = 'UNAUTHENTICATED';
}

/** The request does not match what the service accepts. */
export class InvalidInputError extends PredictionError {
  readonly code = 'INVALID_INPUT';
}

/** The server has no model with this name or version. */
export class ModelNotFoundError extends PredictionError {
  readonly code = 'MODEL_NOT_FOUND';
}

/** The server has more calls in flight than it accepts. */
export class OverloadedError extends PredictionError {
  readonly code = 'OVERLOADED';
}

/** The server is reachable but not ready: it is loading its model or draining. */
export class UnavailableError extends PredictionError {
  readonly code = 'UNAVAILABLE';
}

/** The response did not arrive before the deadline, although the connection is established. */
export class DeadlineExceededError extends PredictionError {
  readonly code = 'DEADLINE_EXCEEDED';
}

/** The caller aborted the call or closed the client. */
export class CancelledError extends PredictionError {
  readonly code = 'CANCELLED';
}

/** The response is not one of a scoring server: the server is of another kind or faulty. */
export class UnexpectedResponseError extends PredictionError {
  readonly code = 'UNEXPECTED_RESPONSE';
}

/**
 * Returns whether a gRPC server reports that it does not have the method. Servers send a message with this status. A
 * proxy without a route sends the same status without a message, which may be temporary.
 */
export class MissingMethodError extends UnexpectedResponseError {}

/** The server was not ready before the time limit. `cause` is the last reason. */
export class NotReadyInTimeError extends PredictionError {
  readonly code = 'NOT_READY_IN_TIME';
}
