import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import { codeOf } from './socket-event';

/** Result of resolving a host name with this machine's resolver. */
export type NameLookup =
  | { readonly kind: 'found'; readonly addresses: readonly LookupAddress[] }
  /** `detail` is the resolver's code, for example `ENOTFOUND`. */
  | { readonly kind: 'name-not-found'; readonly detail: string }
  | { readonly kind: 'timed-out'; readonly stage: 'name look-up'; readonly afterMs: number };

/**
 * Resolves a host name with this machine's resolver, like calls do, but with a deadline: the operating system decides how long a
 * lookup takes, and it cannot be aborted.
 * @param deadline milliseconds since the epoch
 */
export async function lookUpName(host: string, deadline: number): Promise<NameLookup> {
  const family = isIP(host);
  if (family !== 0) {
    return { kind: 'found', addresses: [{ address: host, family }] };
  }
  const started = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<NameLookup>((resolve) => {
    timer = setTimeout(
      () => {
        resolve({ kind: 'timed-out', stage: 'name look-up', afterMs: Date.now() - started });
      },
      Math.max(deadline - started, 1),
    );
  });
  // Not every resolver resolves names below localhost.
  const found = lookup(isLocalhostName(host) ? 'localhost' : host, { all: true }).then(
    (addresses): NameLookup => ({ kind: 'found', addresses }),
    (error: unknown): NameLookup => ({ kind: 'name-not-found', detail: codeOf(error) }),
  );
  return Promise.race([found, late]).finally(() => {
    clearTimeout(timer);
  });
}

/** Whether a name means the local machine without a look-up (RFC 6761, section 6.3). */
export function isLocalhostName(host: string): boolean {
  return /(^|\.)localhost\.?$/i.test(host);
}
