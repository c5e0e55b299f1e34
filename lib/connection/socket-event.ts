import type { Socket } from 'node:net';

/** What a socket did first. */
export type SocketEvent =
  | { readonly kind: 'connect' | 'secureConnect' | 'close' | 'timeout' }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | SocketFailure;

/** What went wrong with a socket. */
export interface SocketFailure {
  readonly kind: 'error';
  readonly error: Error;
}

/**
 * The first of the given events, an error, the end, or the deadline; the latter three destroy the socket.
 * @param deadline milliseconds since 1970
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
    // Stays on: an error that nobody hears ends the process.
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

/** The system's or OpenSSL's name of what went wrong, `ECONNREFUSED` for example. */
export function codeOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: readonly unknown[] };
  // A name with several addresses fails with one error an address.
  return errors?.length ? codeOf(errors[0]) : (code ?? message);
}
