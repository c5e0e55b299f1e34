import { BlockList, isIPv4 } from 'node:net';

import { formatAddress, isLoopback, type Address } from './address';

/** HTTP proxy used for calls. */
export interface Proxy {
  readonly address: Address;
  /** Credentials as `user:password`. Never shown. */
  readonly credentials?: string | undefined;
  /** Environment variable that defines the proxy. */
  readonly variable: string;
}

// In the order in which grpc-js reads them. It ignores uppercase variables.
const VARIABLES = ['grpc_proxy', 'https_proxy', 'http_proxy'];

/**
 * Returns the proxy that grpc-js uses for an address. Its rules differ from those of other programs.
 * @see https://github.com/grpc/grpc/blob/master/doc/environment_variables.md
 */
export function proxyFor(
  address: Address,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Proxy | undefined {
  const variable = VARIABLES.find((name) => environment[name]);
  const url = parse(variable === undefined ? undefined : environment[variable]);
  if (variable === undefined || !url || isLoopback(address) || isExempt(address.host, environment)) {
    return undefined;
  }
  const { hostname, port, username, password } = url;
  return {
    address: { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || '80') },
    ...(username && {
      credentials: password ? decodeURIComponent(`${username}:${password}`) : username,
    }),
    variable,
  };
}

/** Describes a proxy for messages, without its credentials. */
export function describeProxy({ address, variable }: Proxy): string {
  return `the proxy ${formatAddress(address)} (${variable})`;
}

function parse(text: string | undefined): URL | undefined {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' ? url : undefined;
}

function isExempt(host: string, environment: Readonly<Record<string, string | undefined>>): boolean {
  const list = ['no_grpc_proxy', 'no_proxy'].map((name) => environment[name]).find(Boolean);
  const entries = list?.split(',') ?? [];
  return entries.some((entry) => entry !== '' && (host.endsWith(entry) || isInNetwork(host, entry)));
}

function isInNetwork(host: string, entry: string): boolean {
  const match = /^(?<network>[\d.]+)\/(?<bits>\d{1,2})$/.exec(entry)?.groups;
  if (!match || !isIPv4(host) || !isIPv4(match.network) || Number(match.bits) > 32) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(match.network, Number(match.bits));
  return list.check(host);
}
