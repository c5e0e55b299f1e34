import { isIP } from 'node:net';

import { InvalidInputError } from '../errors/prediction-errors';
import { PORT_NUMBER } from '../validation/number-range';

/** Address of a server. */
export interface Address {
  /** Host name or IP address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Parses `host:port`, `[::1]:port`, or a host without a port.
 * @param defaultPort port for an address without one
 * @throws InvalidInputError if the text is not an address
 */
export function parseAddress(text: string, defaultPort: number): Address {
  const match = /^(?:\[(?<bracketed>[^\]]+)\]|(?<plain>[^:/?#@[\]\s]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  if (!match?.groups) {
    if (isIP(text) === 6) {
      return { host: text, port: defaultPort };
    }
    throw new InvalidInputError(`got the address "${text}", expected host:port`, {
      remedy: 'omit the scheme and any path, and put IPv6 addresses in brackets: [::1]:50051',
    });
  }
  const groups: Record<string, string | undefined> = match.groups;
  const host = groups.bracketed ?? groups.plain ?? '';
  const port = groups.port === undefined ? defaultPort : Number(groups.port);
  if (!PORT_NUMBER.accepts(port)) {
    throw new InvalidInputError(
      `got port ${port} in the address "${text}", expected ${PORT_NUMBER.expected}`,
    );
  }
  if (groups.bracketed !== undefined && isIP(host) !== 6) {
    throw new InvalidInputError(`got "${host}" in brackets, expected an IPv6 address: [::1]:50051`);
  }
  return { host, port };
}

/**
 * Parses the URL of a service that is called over REST: `https://host[:port][/prefix]`.
 * @returns the address, and the path in front of the API, without a slash at its end; undefined if the text is not such a URL
 * @throws InvalidInputError if the URL is invalid or has parts that are not used
 */
export function parseServiceUrl(text: string): { address: Address; prefix: string } | undefined {
  if (!/^https:/i.test(text)) {
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username || url.password || url.search || url.hash) {
    // The message must not show a password.
    throw new InvalidInputError(
      `got the address "${text.replace(/\/\/[^/]*@/, '//…@')}", expected https://host[:port][/prefix]`,
      { remedy: 'omit credentials, the query and the fragment, and pass the key separately' },
    );
  }
  return {
    address: {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? 443 : Number(url.port),
    },
    prefix: url.pathname.replace(/\/+$/, ''),
  };
}

/** Returns whether an address is a loopback address. */
export function isLoopback({ host }: Address): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Formats an address, with IPv6 in brackets. */
export function formatAddress({ host, port }: Address): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
