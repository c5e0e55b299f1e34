import { connect, isIP, type LookupFunction, type Socket } from 'node:net';

import type { Address } from './address';
import { lookUpName, type NameLookup } from './name-lookup';
import { codeOf, nextEvent } from './socket-event';

/** What became of an attempt to connect. */
export type TcpConnection =
  | { readonly kind: 'connected'; readonly socket: Socket }
  | Exclude<NameLookup, { kind: 'found' }>
  | TcpFailure;

type TcpFailure = (
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'timed-out'; readonly stage: 'TCP connection'; readonly afterMs: number }
  | { readonly kind: 'closed'; readonly stage: 'TCP connection' }
) & {
  /** What the host name stands for; absent where an address was given. */
  readonly addresses?: readonly string[];
};

/**
 * Connects, to one after the other of a name's addresses.
 * @param deadline milliseconds since 1970
 */
export async function openTcp({ host, port }: Address, deadline: number): Promise<TcpConnection> {
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
    // Each address has its share of the time: Node's 250 ms are too few for a far one.
    autoSelectFamilyAttemptTimeout: Math.max(
      Math.floor((deadline - started) / (name.addresses.length + 1)),
      10,
    ),
  });
  const event = await nextEvent(socket, ['connect'], deadline);
  if (event.kind === 'connect') {
    return { kind: 'connected', socket };
  }
  return {
    ...failureOf(event.kind === 'error' ? codeOf(event.error) : event.kind, Date.now() - started),
    ...(isIP(host) === 0 && { addresses: name.addresses.map(({ address }) => address) }),
  };
}

function failureOf(code: string, afterMs: number): TcpFailure {
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
