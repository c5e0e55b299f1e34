import { status as GrpcStatus, type ServiceError } from '@grpc/grpc-js';

import { formatAddress } from '../connection/address';
import type { ClientSettings } from './prediction-client-options';
import {
  DeadlineExceededError,
  InvalidInputError,
  MissingMethodError,
  ModelNotFoundError,
  OverloadedError,
  UnauthenticatedError,
  UnavailableError,
  UnexpectedResponseError,
  type PredictionError,
} from '../errors/prediction-errors';

/** What of the client's settings the errors speak of. */
type Context = Pick<ClientSettings, 'address' | 'key' | 'modelName' | 'maxMessageBytes'>;

/** The error for a status that a call over a standing connection ended with. */
export function statusError(failure: ServiceError, context: Context, deadlineMs: number): PredictionError {
  const httpStatus = /^Received HTTP status code (\d{3})/.exec(failure.details)?.[1];
  return httpStatus === undefined
    ? grpcStatusError(failure, context, deadlineMs)
    : httpStatusError(Number(httpStatus), failure.code, context);
}

function grpcStatusError(failure: ServiceError, context: Context, deadlineMs: number): PredictionError {
  const grpcStatus = failure.code;
  const at = formatAddress(context.address);
  const said = words(failure.details, context.key);
  switch (failure.code) {
    case GrpcStatus.UNAUTHENTICATED:
    case GrpcStatus.PERMISSION_DENIED:
      return new UnauthenticatedError(`${at} refused ${ourKey(context)}: ${said}`, {
        remedy: otherKey(context),
        grpcStatus,
      });
    case GrpcStatus.INVALID_ARGUMENT:
    case GrpcStatus.OUT_OF_RANGE:
      // What the service says of an input names its remedy.
      return new InvalidInputError(`${at} refused the input: ${said}`, { grpcStatus });
    case GrpcStatus.NOT_FOUND:
      return new ModelNotFoundError(
        `${at} has no ${context.modelName ? `model "${context.modelName}"` : 'such model'}: ${said}`,
        {
          remedy:
            'give the name that the model is served by (modelName, or --model), or none for the only one',
          grpcStatus,
        },
      );
    case GrpcStatus.DEADLINE_EXCEEDED:
      return new DeadlineExceededError(
        `got no answer from ${at} within ${deadlineMs.toLocaleString('en')} ms, although it is connected`,
        {
          remedy:
            'give the call more time (deadlineMs; score --deadline, smoke-test --timeout), send fewer images at once, or give the service more replicas',
          grpcStatus,
        },
      );
    case GrpcStatus.UNAVAILABLE:
      return new UnavailableError(`${at} does not serve now: ${said}`, {
        remedy: 'try again when it has loaded its model (waitUntilReady waits for that)',
        grpcStatus,
      });
    case GrpcStatus.RESOURCE_EXHAUSTED:
      return exhausted(failure, context, said);
    case GrpcStatus.UNIMPLEMENTED:
      return new (failure.details === '' ? UnexpectedResponseError : MissingMethodError)(
        `the server at ${at} does not have the method that was called: ${said}`,
        {
          remedy: 'check the address and the port, and that it speaks the protocol of TensorFlow Serving',
          grpcStatus,
        },
      );
    case GrpcStatus.CANCELLED:
      return new UnexpectedResponseError(`${at}, or a proxy in between, cancelled the call: ${said}`, {
        remedy: 'try again, and look in its log',
        grpcStatus,
      });
    default:
      return new UnexpectedResponseError(`${at} failed with ${GrpcStatus[failure.code]}: ${said}`, {
        remedy: "look in the service's log",
        grpcStatus,
      });
  }
}

function httpStatusError(httpStatus: number, grpcStatus: GrpcStatus, context: Context): PredictionError {
  const got = `${formatAddress(context.address)} answered with HTTP status ${httpStatus}, not with gRPC`;
  switch (httpStatus) {
    case 401:
    case 403:
      return new UnauthenticatedError(`${got}: it refused ${ourKey(context)}`, {
        remedy: otherKey(context),
        grpcStatus,
      });
    case 404:
      return new UnexpectedResponseError(`${got}: what listens there has no such path`, {
        remedy: 'check the address and the port, and that a gateway in between has a route for gRPC',
        grpcStatus,
      });
    case 429:
      return new OverloadedError(`${got}: too many calls`, {
        remedy: "call more slowly, or raise the gateway's limit",
        grpcStatus,
      });
    case 502:
    case 503:
    case 504:
      return new UnavailableError(`${got}: a gateway has no service behind it that answers`, {
        remedy: 'check that the service runs, and its probes',
        grpcStatus,
      });
    default:
      return new UnexpectedResponseError(got, {
        remedy: 'check the address and the port, and that a gateway in between passes gRPC on',
        grpcStatus,
      });
  }
}

function exhausted(failure: ServiceError, context: Context, said: string): PredictionError {
  const grpcStatus = failure.code;
  const at = formatAddress(context.address);
  const received = /^Received message larger than max \((\d+) vs/.exec(failure.details)?.[1];
  if (received !== undefined) {
    const text = asText(Number(received));
    return text === undefined
      ? new UnexpectedResponseError(
          `got an answer of ${Number(received).toLocaleString('en')} bytes from ${at}, expected at most ` +
            context.maxMessageBytes.toLocaleString('en'),
          { remedy: 'raise maxMessageBytes', grpcStatus },
        )
      : new UnexpectedResponseError(
          `got text from ${at} (with "${text}" near its start), expected gRPC: a web page, most likely`,
          {
            remedy: 'check the address and the port, and that a proxy in between passes gRPC on',
            grpcStatus,
          },
        );
  }
  if (/larger than|too large|message (is|size|length)|exceeds/i.test(failure.details)) {
    return new InvalidInputError(`${at} refused the input: ${said}`, {
      remedy: 'send smaller images, or fewer at once',
      grpcStatus,
    });
  }
  return new OverloadedError(`${at} has as many calls in flight as it accepts: ${said}`, {
    remedy: 'call it with less at once, try again later, or give the service more replicas',
    grpcStatus,
  });
}

/**
 * grpc-js reads the second to the fifth byte of whatever comes as a message's length, and complains of the
 * length when they were `!DOC` or `HTTP`.
 */
function asText(length: number): string | undefined {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length % 2 ** 32);
  const text = bytes.toString('latin1');
  return /^[\x20-\x7e\r\n\t]{4}$/.test(text) ? text : undefined;
}

function ourKey({ key }: Context): string {
  return key === undefined ? 'the call, which had no key' : 'the key';
}

function otherKey({ key }: Context): string {
  return key === undefined
    ? "pass the service's primary or secondary key"
    : "check that it is this service's primary or secondary key, and that it was not replaced";
}

/** What a server said, fit to be shown: one line of printable text, and never our key. */
function words(details: string, key: string | undefined): string {
  const shown = (key === undefined ? details : details.replaceAll(key, '[key]'))
    // eslint-disable-next-line no-control-regex -- a server must not write escapes to our terminal
    .replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
    .trim();
  return shown.length > 500 ? `${shown.slice(0, 500)}…` : shown || 'it gave no reason';
}
