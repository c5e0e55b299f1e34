import { isBrainwaveError } from './brainwave-error';

/** Exit codes of the command. They are stable, so pipelines can rely on them. */
export const exitCodes = {
  passed: 0,
  /** A response was wrong, or a call failed for a reason without its own code. */
  failed: 1,
  usage: 2,
  /** The connection failed (DNS, TCP). */
  unreachable: 3,
  tls: 4,
  authentication: 5,
  /** The service is not ready or is shutting down. */
  notReady: 6,
  /** A time limit was exceeded. */
  latency: 7,
  interrupted: 130,
} as const;

/** Returns the exit code for a kind of failure. */
export function exitCodeOf(error: unknown): number {
  if (!isBrainwaveError(error)) {
    return exitCodes.failed;
  }
  if (error.code === 'INVALID_INPUT') {
    // Without a status, the client rejected the options and sent nothing.
    return 'grpcStatus' in error && error.grpcStatus !== undefined ? exitCodes.failed : exitCodes.usage;
  }
  return exitCodeOfCode(error.code);
}

/** @param code kind of failure; `undefined` if it is unknown */
function exitCodeOfCode(code: string | undefined): number {
  switch (code) {
    case 'USAGE':
    case 'PLAN_UNREADABLE':
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
