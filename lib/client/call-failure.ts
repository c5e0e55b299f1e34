import { GrpcStatus } from '../errors/grpc-status';

/** What ended a call on a connection without a response. Internal: callers get a `PredictionError` with a remedy. */
export type CallFailure =
  /** The server sent a status, or the client ended the call with one. */
  | { readonly kind: 'status'; readonly code: GrpcStatus; readonly details: string }
  /** A server or proxy responded with an HTTP error instead of gRPC. */
  | { readonly kind: 'http'; readonly code: GrpcStatus; readonly httpStatus: number }
  /** The response announces more bytes than the client accepts, and `start` are its first ones. */
  | { readonly kind: 'too-large'; readonly bytes: number; readonly start: Buffer }
  /** The connection or the stream broke. */
  | { readonly kind: 'connection'; readonly details: string }
  /** The server did not process the request, because the connection was about to close. It can be sent again. */
  | { readonly kind: 'unprocessed' };

/** Rejection of a call. */
export class CallFailedError extends Error {
  constructor(readonly failure: CallFailure) {
    super(failure.kind);
  }
}

/** @see https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
export function statusOfHttp(httpStatus: number): GrpcStatus {
  switch (httpStatus) {
    case 400:
      return GrpcStatus.INTERNAL;
    case 401:
      return GrpcStatus.UNAUTHENTICATED;
    case 403:
      return GrpcStatus.PERMISSION_DENIED;
    case 404:
      return GrpcStatus.UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcStatus.UNAVAILABLE;
    default:
      return GrpcStatus.UNKNOWN;
  }
}
