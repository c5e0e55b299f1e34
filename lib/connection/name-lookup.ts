import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import { codeOf } from './socket-event';

/** What this machine's resolver said of a host name. */
export type NameLookup =
  | { readonly kind: 'found'; readonly addresses: readonly LookupAddress[] }
  /** `detail` is the resolver's code, `ENOTFOUND` for example. */
  | { readonly kind: 'name-not-found'; readonly detail: string }
  | { readonly kind: 'timed-out'; readonly stage: 'name look-up'; readonly afterMs: number };

/**
 * Asks this machine's resolver, as calls do, but not for longer than there is time: the system alone decides
 * how long a look-up takes, and nothing can break it off.
 * @param deadline milliseconds since 1970
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
  const found = lookup(host, { all: true }).then(
    (addresses): NameLookup => ({ kind: 'found', addresses }),
    (error: unknown): NameLookup => ({ kind: 'name-not-found', detail: codeOf(error) }),
  );
  return Promise.race([found, late]).finally(() => {
    clearTimeout(timer);
  });
}
