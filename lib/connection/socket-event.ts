import type { Socket } from 'node:net';

/** First event of a socket. */
export type SocketEvent =
  | { readonly kind: 'connect' | 'secureConnect' | 'close' | 'timeout' }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | SocketFailure;

/** Failure of a socket. */
export interface SocketFailure {
  readonly kind: 'error';
  readonly error: Error;
}

/**
 * Waits for the first of the given events, an error, the end, or the deadline. The last three destroy the socket.
 * @param deadline milliseconds since the epoch
 */
export function nextEvent(
  socket: Socket,
  events: ('connect' | 'secureConnect' | 'data')[],
  deadline: number,
): Promise<SocketEvent> {
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => {
        settle({ kind: 'timeout' });
      },
      Math.max(deadline - Date.now(), 1),
    );
    const settle = (event: SocketEvent) => {
      clearTimeout(timer);
      if (!['connect', 'secureConnect', 'data'].includes(event.kind)) {
        socket.destroy();
      }
      resolve(event);
    };
    for (const event of events) {
      socket.once(event, (bytes?: Buffer) => {
        settle(event === 'data' ? { kind: 'data', bytes: bytes ?? Buffer.alloc(0) } : { kind: event });
      });
    }
    // Keep the listener: an unhandled 'error' event ends the process.
    socket.on('error', (error) => {
      settle({ kind: 'error', error });
    });
    socket.once('close', () => {
      settle({ kind: 'close' });
    });
    socket.once('end', () => {
      settle({ kind: 'close' });
    });
  });
}

/** Returns the code of a system or OpenSSL error, for example `ECONNREFUSED`. */
export function codeOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & {
    errors?: readonly unknown[] | undefined;
  };
  // A name with several addresses fails with one error per address.
  return errors?.length ? codeOf(errors[0]) : (code ?? message);
}
