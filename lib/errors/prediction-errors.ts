import { status as GrpcStatus } from '@grpc/grpc-js';

import { BrainwaveError, type BrainwaveErrorOptions } from './brainwave-error';

/** What every error of the client may carry besides its message. */
export interface PredictionErrorOptions extends BrainwaveErrorOptions {
  /** The gRPC status that the call ended with, where there was one. */
  readonly grpcStatus?: GrpcStatus | undefined;
}

/** The base of the errors with which a prediction fails. */
export abstract class PredictionError extends BrainwaveError {
  /** The gRPC status that the call ended with; undefined where the client refused before calling. */
  readonly grpcStatus?: GrpcStatus | undefined;
  /** The status by name, `UNAVAILABLE` for example. */
  readonly grpcStatusName?: string | undefined;

  constructor(finding: string, options: PredictionErrorOptions = {}) {
    super(finding, options);
    if (options.grpcStatus !== undefined) {
      this.grpcStatus = options.grpcStatus;
      this.grpcStatusName = GrpcStatus[options.grpcStatus];
    }
  }
}

/** Why no connection came about. */
export type ConnectionFailureReason =
  /** Nothing listens on the port. */
  | 'refused'
  /** There is no route to the address. */
  | 'unreachable'
  /** The host name has no address. */
  | 'name-not-found'
  /** The host name's record holds another address than the service's; the smoke test alone can tell. */
  | 'wrong-address'
  /** The proxy that calls go through does not connect to the service. */
  | 'proxy'
  /** Nobody answered: packets are dropped on the way, or the server hangs. */
  | 'timed-out'
  /** The connection was made and closed again. */
  | 'closed';

/** No connection to the server came about. */
export class ConnectionFailedError extends PredictionError {
  readonly code = 'CONNECTION_FAILED';

  constructor(
    finding: string,
    /** Why, for programs. */
    readonly reason: ConnectionFailureReason,
    options?: PredictionErrorOptions,
  ) {
    super(finding, options);
  }
}

/** What was wrong with TLS. */
export type CertificateFailureReason =
  /** The certificate is signed by itself and not among the trusted roots. */
  | 'self-signed'
  /** The certificate's issuer is not among the trusted roots, or the chain has a gap. */
  | 'untrusted'
  | 'expired'
  | 'not-yet-valid'
  /** The certificate is for other names. */
  | 'name-mismatch'
  /** The certificate has no subject alternative names, on which alone clients are to rely (RFC 9525). */
  | 'no-alternative-names'
  /** The certificate is not the one that was deployed; the smoke test alone can tell. */
  | 'not-deployed'
  /** The server asks for a client certificate and got none, or one that it does not trust. */
  | 'client-certificate'
  /** The server speaks plaintext; the client TLS. */
  | 'server-is-plaintext'
  /** The server speaks TLS; the client plaintext. */
  | 'server-is-tls'
  /** Any other failure of the handshake. */
  | 'handshake';

/** TLS could not be agreed on, or the server's certificate is not to be trusted. */
export class CertificateError extends PredictionError {
  readonly code = 'CERTIFICATE';

  constructor(
    finding: string,
    /** What was wrong, for programs. */
    readonly reason: CertificateFailureReason,
    options?: PredictionErrorOptions,
  ) {
    super(finding, options);
  }
}

/** The server wants a key and got none, or one that it does not know. */
export class UnauthenticatedError extends PredictionError {
  readonly code = 'UNAUTHENTICATED';
}

/** What was sent, or was to be sent, is not what the service takes. */
export class InvalidInputError extends PredictionError {
  readonly code = 'INVALID_INPUT';
}

/** The server has no model of that name or version. */
export class ModelNotFoundError extends PredictionError {
  readonly code = 'MODEL_NOT_FOUND';
}

/** The server has more calls in flight than it accepts. */
export class OverloadedError extends PredictionError {
  readonly code = 'OVERLOADED';
}

/** The server answers, but does not serve now: it loads its model, or drains. */
export class UnavailableError extends PredictionError {
  readonly code = 'UNAVAILABLE';
}

/** The answer did not come before the deadline, although the connection stands. */
export class DeadlineExceededError extends PredictionError {
  readonly code = 'DEADLINE_EXCEEDED';
}

/** The caller aborted the call, or closed the client. */
export class CancelledError extends PredictionError {
  readonly code = 'CANCELLED';
}

/** The answer is not what a scoring server answers: another kind of server, or a fault in this one. */
export class UnexpectedResponseError extends PredictionError {
  readonly code = 'UNEXPECTED_RESPONSE';
}

/**
 * A gRPC server says that it has no such method. It says it in words: a proxy that has no route yet says the same without
 * any, which may pass.
 */
export class MissingMethodError extends UnexpectedResponseError {}

/** The server was not ready in the time that it had. `cause` is the last reason. */
export class NotReadyInTimeError extends PredictionError {
  readonly code = 'NOT_READY_IN_TIME';
}
