import { request } from 'node:http';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';

import { formatAddress, type Address } from './address';
import { lookUpName, type NameLookup } from './name-lookup';
import { proxyFor, type ProxiedTarget, type Proxy } from './proxy';
import { codeOf, nextEvent } from './socket-event';

/** Outcome of an attempt to connect. */
export type TcpConnection =
  | {
      readonly kind: 'connected';
      readonly socket: Socket;
      /** Address that the host name resolved to. Absent if an address was given or a proxy resolves the name. */
      readonly reached?: string | undefined;
      /** Proxy that established the connection. */
      readonly proxy?: Proxy | undefined;
    }
  | TcpFailure
  /** The proxy did not establish the connection. `detail` is its response, or why it cannot be reached. */
  | { readonly kind: 'proxy'; readonly proxy: Proxy; readonly detail: string };

type TcpFailure =
  | Exclude<NameLookup, { kind: 'found' }>
  | ((
      | { readonly kind: 'refused' }
      | { readonly kind: 'unreachable'; readonly detail: string }
      | { readonly kind: 'timed-out'; readonly stage: 'TCP connection'; readonly afterMs: number }
      | { readonly kind: 'closed'; readonly stage: 'TCP connection' }
    ) & {
      /** Addresses of the host name. Absent if an address was given. */
      readonly addresses?: readonly string[] | undefined;
    });

/**
 * Connects like calls do: to each address of a name in turn, or through the proxy from the environment.
 * @param deadline milliseconds since the epoch
 */
export async function openTcp(target: ProxiedTarget, deadline: number): Promise<TcpConnection> {
  const { address } = target;
  const proxy = proxyFor(target);
  return proxy ? openThroughProxy(address, proxy, deadline) : openDirectly(address, deadline);
}

async function openDirectly({ host, port }: Address, deadline: number): Promise<TcpConnection> {
  const name = await lookUpName(host, deadline);
  if (name.kind !== 'found') {
    return name;
  }
  const started = Date.now();
  const lookup: LookupFunction = (_host, { all }, callback) => {
    const [{ address, family }] = name.addresses;
    if (all) {
      callback(null, [...name.addresses]);
    } else {
      callback(null, address, family);
    }
  };
  const socket = connect({
    host,
    port,
    lookup,
    // Each address gets a share of the time: Node's default of 250 ms is too short for a distant server.
    autoSelectFamilyAttemptTimeout: Math.max(
      Math.floor((deadline - started) / (name.addresses.length + 1)),
      10,
    ),
  });
  const event = await nextEvent(socket, ['connect'], deadline);
  const isName = isIP(host) === 0;
  if (event.kind === 'connect') {
    const reached = socket.remoteAddress;
    return { kind: 'connected', socket, reached: isName ? reached : undefined };
  }
  return {
    ...failureOf(event.kind === 'error' ? codeOf(event.error) : event.kind, Date.now() - started),
    addresses: isName ? name.addresses.map(({ address }) => address) : undefined,
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6 */
function openThroughProxy(address: Address, proxy: Proxy, deadline: number): Promise<TcpConnection> {
  const { credentials } = proxy;
  const path = formatAddress(address);
  return new Promise((resolve) => {
    const asked = request({
      ...proxy.address,
      method: 'CONNECT',
      path,
      agent: false,
      signal: AbortSignal.timeout(Math.max(Math.ceil(deadline - Date.now()), 1)),
      headers: {
        host: path,
        ...(credentials !== undefined && {
          'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}`,
        }),
      },
    });
    asked.once('connect', ({ statusCode }, socket: Socket, head: Buffer) => {
      if (statusCode === 200) {
        socket.unshift(head);
        resolve({ kind: 'connected', socket, proxy });
      } else {
        socket.destroy();
        resolve({ kind: 'proxy', proxy, detail: `it responded with HTTP status ${statusCode ?? 'none'}` });
      }
    });
    asked.on('error', (error) => {
      const late = error.name === 'AbortError';
      resolve({ kind: 'proxy', proxy, detail: late ? 'it did not respond' : codeOf(error) });
    });
    asked.end();
  });
}

function failureOf(
  code: string,
  afterMs: number,
): Exclude<TcpFailure, { kind: 'name-not-found' } | { stage: 'name look-up' }> {
  switch (code) {
    case 'ECONNREFUSED':
      return { kind: 'refused' };
    case 'close':
    case 'ECONNRESET':
      return { kind: 'closed', stage: 'TCP connection' };
    case 'timeout':
    case 'ETIMEDOUT':
      return { kind: 'timed-out', stage: 'TCP connection', afterMs };
    default:
      return { kind: 'unreachable', detail: code };
  }
}
