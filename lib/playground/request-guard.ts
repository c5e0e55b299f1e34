import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Reason why a request is refused. */
export interface Refusal {
  readonly status: 403 | 421;
  readonly reason: string;
}

/**
 * Returns why a request does not come from the page that this server serves.
 *
 * Every site that the user visits can send requests to the loopback interface. The token in the path keeps them out, because
 * they cannot read it. The `Host` header keeps out a site whose name resolves to 127.0.0.1 (DNS rebinding), and `Origin` and
 * `Sec-Fetch-Site` a site that has learned the token.
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function findRefusal(
  { headers, method, url = '' }: IncomingMessage,
  token: string,
  port: number,
): Refusal | undefined {
  const host = headers.host ?? '';
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return { status: 421, reason: `this server is not ${host || 'for requests without a Host header'}` };
  }
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) {
    return { status: 403, reason: 'requests of other sites are refused' };
  }
  // A link in a terminal that runs in a browser is a navigation from another site.
  const isNavigation = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation) {
    return { status: 403, reason: 'requests of other sites are refused' };
  }
  return hasToken(url, token)
    ? undefined
    : { status: 403, reason: 'open the address that the playground printed; it changes with every start' };
}

function hasToken(url: string, token: string): boolean {
  const given = Buffer.from(url.split('/')[1] ?? '');
  const expected = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
