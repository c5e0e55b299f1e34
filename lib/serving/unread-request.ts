import type { IncomingMessage, ServerResponse } from 'node:http';

/** Time to read and discard the rest of a refused request. */
const DISCARD_MS = 10_000;

/**
 * Ends a response to a request whose body may still be in transit. If the connection were closed while the client is still
 * sending, it would be reset, and the client would never read the response. So the rest is read for a limited time first.
 * @param waitsForContinue whether the client announced a body with `Expect: 100-continue` and was not invited to send it
 */
export function endAfterRequest(
  request: IncomingMessage,
  response: ServerResponse,
  waitsForContinue: boolean,
): void {
  if (request.complete || waitsForContinue) {
    response.end();
    return;
  }
  const end = () => {
    clearTimeout(cut);
    response.end();
  };
  const cut = setTimeout(end, DISCARD_MS);
  request.once('end', end).once('close', end);
  request.resume();
}
