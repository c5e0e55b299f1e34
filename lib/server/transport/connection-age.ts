import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** Maximum age of connections, after which callers connect again and may reach another server. */
export interface ConnectionAge {
  readonly maxSeconds: number;
  /** Time for the calls in flight after the maximum age. @default - unlimited */
  readonly graceSeconds?: number | undefined;
}

/** Largest age or grace, in seconds: a timer of Node cannot wait longer. */
export const MAX_AGE_SECONDS = 2_000_000;

/**
 * Sends GOAWAY when a session has reached its maximum age, and closes it when its calls have ended. A call that was on its way at
 * that moment has a higher stream number than the GOAWAY, so its client knows that it was not processed and sends it again.
 * @param endCalls ends the calls that are still in flight after the grace period
 */
export function limitAge(session: ServerHttp2Session, age: ConnectionAge, endCalls: () => void): void {
  const close = () => {
    session.close();
  };
  whenOld(session, age, { close, endCalls });
}

/** Calls `close` when a connection has reached its maximum age, and `endCalls` after the grace period. */
export function whenOld(
  connection: ServerHttp2Session | Socket,
  age: ConnectionAge,
  { close, endCalls }: { readonly close: () => void; readonly endCalls: () => void },
): void {
  let timer = setTimeout(() => {
    close();
    if (age.graceSeconds !== undefined) {
      timer = setTimeout(endCalls, age.graceSeconds * 1000);
    }
  }, ageMs(age));
  connection.on('close', () => {
    clearTimeout(timer);
  });
}

/**
 * Returns the age at which a connection is closed, in milliseconds: the maximum with a jitter of 10 %, so that connections that
 * were opened together do not all close together.
 * @param random random number from 0 to 1
 * @see https://github.com/grpc/proposal/blob/master/A9-server-side-conn-mgt.md
 */
export function ageMs({ maxSeconds }: ConnectionAge, random = Math.random()): number {
  return maxSeconds * 1000 * (0.9 + 0.2 * random);
}
