import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { GrpcStatus as status } from '../../errors/grpc-status';
import { shorten } from './grpc-headers';
import { StatusError } from '../status-error';

/** The call as its handler sees it. */
export interface CallContext {
  /** `/package.Service/Method`. For HTTP, the method that the request corresponds to. */
  readonly method: string;
  /** The request line without its query, for HTTP: `POST /v1/models/cats:predict`. */
  readonly request?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** IP address of the caller. */
  readonly peer: string;
  /** The caller's `x-request-id`, or a generated one. It is logged and returned to the caller. */
  readonly requestId: string;
  /** Aborts when the caller cancels, its deadline passes or the server stops. Its reason is a `StatusError`. */
  readonly signal: AbortSignal;
  /** Deadline in milliseconds since the epoch, or undefined if the caller set none. */
  readonly deadlineAt: number | undefined;
  /** Discards the rest of the request. For calls that are refused regardless of their content. */
  discardRequest(): void;
  /** Closes the caller's connection once its calls have ended. */
  hangUp(): void;
}

/** Outcome of a call, for the log. */
export interface CallOutcome {
  readonly status: status;
  readonly message: string;
  readonly durationMs: number;
  /** Internal error, if one occurred. The caller learns only that the server failed. */
  readonly failure?: unknown;
}

/** Returns the outcome of a call that ended with an error. Internal errors belong in the log: they may reveal paths. */
export function failedOutcome(error: unknown, requestId: string, durationMs: number): CallOutcome {
  if (error instanceof StatusError) {
    return { status: error.status, message: shorten(error.message), durationMs };
  }
  const message = `internal error; find the cause in the server log under request ID ${requestId}`;
  return { status: status.INTERNAL, message, durationMs, failure: error };
}

/** Returns the caller's `x-request-id` if it is usable, or a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\w.:-]{1,128}$/.test(header) ? header : randomUUID();
}
