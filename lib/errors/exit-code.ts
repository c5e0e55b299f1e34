import { BrainwaveError } from './brainwave-error';

/** The command's exit codes, which pipelines may rely on. */
export const exitCodes = {
  passed: 0,
  /** An answer was wrong, or a call failed for a reason that has no code of its own. */
  failed: 1,
  usage: 2,
  /** No connection: DNS, TCP. */
  unreachable: 3,
  tls: 4,
  authentication: 5,
  /** The service does not serve yet, or any more. */
  notReady: 6,
  /** Slower than it may be. */
  latency: 7,
  interrupted: 130,
} as const;

/** The exit code that tells a script what kind of failure it was. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof BrainwaveError)) {
    return exitCodes.failed;
  }
  if (error.code === 'INVALID_INPUT') {
    // Without a status nothing was sent: the client refused the options.
    return 'grpcStatus' in error && error.grpcStatus !== undefined ? exitCodes.failed : exitCodes.usage;
  }
  return exitCodeOfCode(error.code);
}

/** @param code the stable name of a kind of failure; `undefined` where the kind is not known */
function exitCodeOfCode(code: string | undefined): number {
  switch (code) {
    case 'USAGE':
    case 'SERVICE_NOT_FOUND':
    case 'SMOKE_TEST_INPUT':
      return exitCodes.usage;
    case 'CONNECTION_FAILED':
      return exitCodes.unreachable;
    case 'CERTIFICATE':
      return exitCodes.tls;
    case 'UNAUTHENTICATED':
    case 'AUTHENTICATION_OPEN':
      return exitCodes.authentication;
    case 'UNAVAILABLE':
    case 'NOT_READY_IN_TIME':
      return exitCodes.notReady;
    case 'LATENCY_BUDGET':
      return exitCodes.latency;
    case 'CANCELLED':
      return exitCodes.interrupted;
    default:
      return exitCodes.failed;
  }
}
