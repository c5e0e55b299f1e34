import { BlockList, isIPv4 } from 'node:net';

import { formatAddress, isLoopback, type Address } from './address';
import type { ConnectionTarget } from './connection-diagnosis';
import type { Application } from './greeting';

/** HTTP proxy used for calls. */
export interface Proxy {
  readonly address: Address;
  /** Credentials as `user:password`. Never shown. */
  readonly credentials?: string | undefined;
  /** Environment variable that defines the proxy. */
  readonly variable: string;
  /** Environment variable that lists the hosts to call directly. */
  readonly exemptions: string;
}

/** Service to call, through a proxy or directly. */
export type ProxiedTarget = Pick<ConnectionTarget, 'address' | 'application' | 'tls'>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Environment variables by the protocol of the call. The first that is set applies. */
const VARIABLES: Readonly<Record<Application, Variables>> = {
  // Implementations of gRPC ignore uppercase variables.
  h2: { proxy: ['grpc_proxy', 'https_proxy', 'http_proxy'], exemptions: ['no_grpc_proxy', 'no_proxy'] },
  // As in curl, for calls over HTTPS.
  'http/1.1': { proxy: ['https_proxy', 'HTTPS_PROXY'], exemptions: ['no_proxy', 'NO_PROXY'] },
};

interface Variables {
  readonly proxy: readonly string[];
  readonly exemptions: readonly [string, string];
}

/**
 * Returns the proxy through which to call a service: for gRPC the one that other gRPC clients use, and for HTTPS the one that
 * curl uses. HTTP without TLS is called directly.
 * @see https://github.com/grpc/grpc/blob/master/doc/environment_variables.md
 * @see https://curl.se/docs/manpage.html#ENVIRONMENT
 */
export function proxyFor(
  { address, application, tls }: ProxiedTarget,
  environment: Environment = process.env,
): Proxy | undefined {
  const variables = VARIABLES[application];
  const variable = firstSet(variables.proxy, environment);
  const exemptions = firstSet(variables.exemptions, environment) ?? variables.exemptions[0];
  const url = variable === undefined ? undefined : parse(environment[variable]);
  if (
    variable === undefined ||
    !url ||
    (application === 'http/1.1' && !tls) ||
    isLoopback(address) ||
    isExempt(address, environment[exemptions] ?? '')
  ) {
    return undefined;
  }
  const { hostname, port, username, password } = url;
  return {
    address: { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || '80') },
    ...(username && {
      credentials: password ? decodeURIComponent(`${username}:${password}`) : username,
    }),
    variable,
    exemptions,
  };
}

function firstSet(names: readonly string[], environment: Environment): string | undefined {
  return names.find((name) => environment[name]);
}

/** Describes a proxy for messages, without its credentials. */
export function describeProxy({ address, variable }: Proxy): string {
  return `the proxy ${formatAddress(address)} (${variable})`;
}

function parse(text: string | undefined): URL | undefined {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' ? url : undefined;
}

/** @param list `*`, host names, domains, `host:port` and networks, separated by commas */
function isExempt({ host, port }: Address, list: string): boolean {
  return list.split(',').some((text) => {
    const entry = text.trim();
    const groups: Record<string, string | undefined> =
      /^(?<name>[^:]+):(?<only>\d+)$/.exec(entry)?.groups ?? {};
    const { name = entry, only } = groups;
    const domain = name.replace(/^\*?\./, '');
    return (
      entry === '*' ||
      (domain !== '' &&
        (only === undefined || Number(only) === port) &&
        (host === domain || host.endsWith(`.${domain}`) || isInNetwork(host, domain)))
    );
  });
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
