import { BlockList, isIPv4 } from 'node:net';

import { formatAddress, isLoopback, type Address } from './address';

/** An HTTP proxy that calls go through. */
export interface Proxy {
  readonly address: Address;
  /** `user:password`. Never to be shown. */
  readonly credentials?: string;
  /** The environment variable that names it. */
  readonly variable: string;
}

// In the order in which grpc-js looks at them; it does not know the upper-case ones.
const variables = ['grpc_proxy', 'https_proxy', 'http_proxy'];

/**
 * The proxy through which grpc-js calls an address, by its rules: they are not the ones of other programs.
 * Source: https://github.com/grpc/grpc/blob/master/doc/environment_variables.md
 */
export function proxyFor(
  address: Address,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Proxy | undefined {
  const variable = variables.find((name) => environment[name]);
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

/** A proxy as messages name it: without its credentials. */
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
