import type { HttpExchange } from './http-exchange';

/** Response headers that pages may read. */
const EXPOSED = [
  ...['grpc-status', 'grpc-message', 'x-request-id', 'www-authenticate', 'retry-after'],
  ...['inference-header-content-length', 'brainwave-revision', 'brainwave-replica'],
].join(', ');
/** Time for which browsers remember a preflight, in seconds: the longest that Chromium accepts. */
const MAX_AGE = '7200';

/**
 * Returns the headers that let a page of an allowed origin read a response. Keys are in a header that pages set, so that no
 * cookies are involved.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function corsHeaders(
  origin: string | undefined,
  allowed: readonly string[] = [],
): Readonly<Record<string, string>> {
  if (allowed.length === 0) {
    return {};
  }
  return {
    vary: 'origin',
    ...(isAllowed(origin, allowed) && {
      'access-control-allow-origin': origin,
      'access-control-expose-headers': EXPOSED,
    }),
  };
}

/**
 * Answers the request with which a browser asks whether a page may call.
 * @returns whether the exchange was such a request, of an allowed origin
 */
export function answerPreflight(exchange: HttpExchange, allowed: readonly string[] = []): boolean {
  const { verb, headers } = exchange;
  if (
    verb !== 'OPTIONS' ||
    headers['access-control-request-method'] === undefined ||
    !isAllowed(headers.origin, allowed)
  ) {
    return false;
  }
  const asked = headers['access-control-request-headers'];
  exchange.respond(204, {
    ...corsHeaders(headers.origin, allowed),
    'access-control-allow-methods': 'GET, POST',
    ...(asked !== undefined && { 'access-control-allow-headers': asked }),
    'access-control-max-age': MAX_AGE,
  });
  exchange.end();
  return true;
}

function isAllowed(origin: string | undefined, allowed: readonly string[]): origin is string {
  return origin !== undefined && (allowed.includes('*') || allowed.includes(origin));
}
