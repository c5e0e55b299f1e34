import { GrpcStatus } from '../errors/grpc-status';
import type { CallFailure } from './call-failure';
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

/** Client settings that appear in errors. */
type Context = Pick<ClientSettings, 'address' | 'key' | 'modelName' | 'maxMessageBytes' | 'names' | 'rest'>;

/** What a server or a proxy said. */
type Refusal = Exclude<CallFailure, { kind: 'connection' } | { kind: 'unprocessed' }>;

/** Returns the error for the status of a call on an established connection. */
export function statusError(failure: Refusal, context: Context, deadlineMs: number): PredictionError {
  switch (failure.kind) {
    case 'status':
      return grpcStatusError(failure.code, failure.details, context, deadlineMs);
    case 'http':
      return httpStatusError(failure.httpStatus, failure.code, context);
    case 'too-large':
      return tooLarge(failure.bytes, failure.start, context);
  }
}

function grpcStatusError(
  grpcStatus: GrpcStatus,
  details: string,
  context: Context,
  deadlineMs: number,
): PredictionError {
  const at = formatAddress(context.address);
  const said = words(details, context.key);
  switch (grpcStatus) {
    case GrpcStatus.UNAUTHENTICATED:
    case GrpcStatus.PERMISSION_DENIED:
      return new UnauthenticatedError(`${at} refused ${ourKey(context)}: ${said}`, {
        remedy: otherKey(context),
        grpcStatus,
      });
    case GrpcStatus.INVALID_ARGUMENT:
    case GrpcStatus.OUT_OF_RANGE:
      // The service's own message includes the remedy.
      return new InvalidInputError(`${at} refused the input: ${said}`, { grpcStatus });
    case GrpcStatus.NOT_FOUND:
      return new ModelNotFoundError(
        `${at} has no ${context.modelName ? `model "${context.modelName}"` : 'such model'}: ${said}`,
        {
          remedy: `set ${context.names('modelName')} to the name of the served model, or omit it to use the only one`,
          grpcStatus,
        },
      );
    case GrpcStatus.DEADLINE_EXCEEDED:
      return new DeadlineExceededError(
        `got no response from ${at} within ${deadlineMs.toLocaleString('en')} ms, although the connection is established`,
        {
          remedy: `raise ${context.names('deadlineMs')}, send fewer images at once, or give the service more replicas`,
          grpcStatus,
        },
      );
    case GrpcStatus.UNAVAILABLE:
      return new UnavailableError(`${at} is not serving: ${said}`, {
        remedy: 'retry once it has loaded its model',
        grpcStatus,
      });
    case GrpcStatus.RESOURCE_EXHAUSTED:
      return exhausted(details, context, said);
    case GrpcStatus.UNIMPLEMENTED:
      return new (details === '' ? UnexpectedResponseError : MissingMethodError)(
        `the server at ${at} does not implement the method: ${said}`,
        {
          remedy:
            "check the address and the port, and that the server implements TensorFlow Serving's protocol",
          grpcStatus,
        },
      );
    case GrpcStatus.CANCELLED:
      return new UnexpectedResponseError(`${at}, or a proxy in between, canceled the call: ${said}`, {
        remedy: 'retry the call and check the log of the service',
        grpcStatus,
      });
    default:
      return new UnexpectedResponseError(`${at} failed with ${GrpcStatus[grpcStatus]}: ${said}`, {
        remedy: 'check the log of the service',
        grpcStatus,
      });
  }
}

function httpStatusError(httpStatus: number, grpcStatus: GrpcStatus, context: Context): PredictionError {
  const got = `${formatAddress(context.address)} responded with HTTP status ${httpStatus}${context.rest ? '' : ' instead of gRPC'}`;
  switch (httpStatus) {
    case 401:
    case 403:
      return new UnauthenticatedError(`${got}: it refused ${ourKey(context)}`, {
        remedy: otherKey(context),
        grpcStatus,
      });
    case 404:
      return new UnexpectedResponseError(`${got}: the server there has no such path`, {
        remedy: 'check the address and the port, and that every gateway in between has a route for gRPC',
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
      return new UnavailableError(`${got}: a gateway has no healthy backend`, {
        remedy: 'check that the service is running, and its health probes',
        grpcStatus,
      });
    default:
      return new UnexpectedResponseError(got, {
        remedy: 'check the address and the port, and that every gateway in between forwards gRPC',
        grpcStatus,
      });
  }
}

function exhausted(details: string, context: Context, said: string): PredictionError {
  const grpcStatus = GrpcStatus.RESOURCE_EXHAUSTED;
  const at = formatAddress(context.address);
  if (/larger than|too large|message (is|size|length)|exceeds/i.test(details)) {
    return new InvalidInputError(`${at} refused the input: ${said}`, {
      remedy: 'send smaller or fewer images per call',
      grpcStatus,
    });
  }
  return new OverloadedError(`${at} has reached its limit of calls in flight: ${said}`, {
    remedy: 'send fewer calls at once, retry later, or add replicas',
    grpcStatus,
  });
}

function tooLarge(bytes: number, start: Buffer, context: Context): PredictionError {
  const grpcStatus = GrpcStatus.RESOURCE_EXHAUSTED;
  const at = formatAddress(context.address);
  // Bytes 2 to 5 of a response are a message's length, which is excessive if they are text, such as `!DOC` or `HTTP`.
  const text = start.toString('latin1', 1);
  return /^[\x20-\x7e\r\n\t]{4}$/.test(text)
    ? new UnexpectedResponseError(
        `got text from ${at} (with "${text}" near its start), expected gRPC: the response is probably a web page`,
        {
          remedy: 'check the address and the port, and that every proxy in between forwards gRPC',
          grpcStatus,
        },
      )
    : new UnexpectedResponseError(
        `got a response of ${bytes.toLocaleString('en')} bytes from ${at}, expected at most ` +
          context.maxMessageBytes.toLocaleString('en'),
        { remedy: `raise ${context.names('maxMessageBytes')}`, grpcStatus },
      );
}

function ourKey({ key }: Context): string {
  return key === undefined ? 'the call, which carried no key' : 'the key';
}

function otherKey({ key }: Context): string {
  return key === undefined
    ? "pass the service's primary or secondary key"
    : "check that it is this service's primary or secondary key and has not been rotated";
}

/** Sanitizes text from a server for display: one line of printable characters, without the client's key. */
function words(details: string, key: string | undefined): string {
  const shown = (key === undefined ? details : details.replaceAll(key, '[key]'))
    // eslint-disable-next-line no-control-regex -- a server must not send escape sequences to the terminal
    .replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
    .trim();
  return shown.length > 500 ? `${shown.slice(0, 500)}…` : shown || 'no reason given';
}
