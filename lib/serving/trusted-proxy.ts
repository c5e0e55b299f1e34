import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

import { EVERY_ADDRESS } from '../contract/operations';
import type { OptionNames } from '../validation/option-names';
import { ServerOptionsError } from './serving-errors';

/**
 * Addresses that the Internet does not route: loopback, private, link-local and shared ones. Container platforms take the
 * addresses of their containers from these.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const PRIVATE_NETWORKS = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  PRIVATE_NETWORKS.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  PRIVATE_NETWORKS.addSubnet(network, prefix, 'ipv6');
}
PRIVATE_NETWORKS.addAddress('::1', 'ipv6');

const LOOPBACK_NAME = 'localhost';

type Interfaces = NodeJS.Dict<Pick<NetworkInterfaceInfo, 'address'>[]>;

/**
 * Requires that a server whose TLS a proxy terminates listens only where the Internet does not reach it: callers that bypass the
 * proxy would send their keys unencrypted. An address that a cloud translates (NAT) is private on the machine; a firewall has to
 * restrict it to the proxy.
 * @param names where the user sets `host` and `tlsTerminatedByProxy`
 * @param interfaces network interfaces of the machine
 * @throws ServerOptionsError if the address is public, or not an IP address
 */
export function requirePrivateAddress(
  host: string,
  names: OptionNames,
  interfaces: Interfaces = networkInterfaces(),
): void {
  if (host === LOOPBACK_NAME) {
    return;
  }
  if (isIP(host) === 0) {
    throw new ServerOptionsError(
      `${names('host')} is "${host}", and ${names('tlsTerminatedByProxy')} is set, which requires an IP address; set the private address to which ` +
        'the proxy connects, such as 127.0.0.1',
    );
  }
  const addresses = EVERY_ADDRESS.includes(host)
    ? Object.values(interfaces).flatMap((each = []) => each.map(({ address }) => address))
    : [host];
  const exposed = addresses.find((address) => !isPrivate(address));
  if (exposed !== undefined) {
    throw new ServerOptionsError(
      `${names('host')} is "${host}"${exposed === host ? ', a' : `, which includes the`} public address${exposed === host ? '' : ` ${exposed}`}, ` +
        `but ${names('tlsTerminatedByProxy')} is set: callers that bypass the proxy would send their keys unencrypted; set ` +
        `${names('host')} to the private address to which the proxy connects, or terminate TLS in the server`,
    );
  }
}

function isPrivate(address: string): boolean {
  return PRIVATE_NETWORKS.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * Returns the address of the caller that a trusted proxy reports: the last one of `x-forwarded-for`, because the caller itself may
 * have sent those before it.
 * @param peer address of the proxy, if it reports none
 */
export function callerBehindProxy(headers: IncomingHttpHeaders, peer: string): string {
  const last = lastOf(headers['x-forwarded-for']);
  // Some proxies add the caller's port.
  const address = last && (isIP(last) === 0 ? /^\[?(.+?)\]?:\d+$/.exec(last)?.[1] : last);
  return address !== undefined && isIP(address) !== 0 ? address : peer;
}

/** Returns whether a trusted proxy reports that the caller did not use TLS. */
export function cameWithoutTls(headers: IncomingHttpHeaders): boolean {
  return lastOf(headers['x-forwarded-proto'])?.toLowerCase() === 'http';
}

function lastOf(header: string | string[] | undefined): string | undefined {
  return header?.toString().split(',').at(-1)?.trim();
}
