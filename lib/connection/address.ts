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
      remedy: 'omit https:// and any path, and put IPv6 addresses in brackets: [::1]:50051',
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

/** Returns whether an address is a loopback address. */
export function isLoopback({ host }: Address): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Formats an address, with IPv6 in brackets. */
export function formatAddress({ host, port }: Address): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
