import { Resolver } from 'node:dns/promises';

import { lookUpName } from '../connection/name-lookup';
import { canonicalAddress } from '../tls/certificate-names';
import { SmokeTestError } from './smoke-test-error';

/** Response of one resolver for a host name. */
export interface ResolverAnswer {
  /** `system`, or the name server's address. */
  readonly resolver: string;
  readonly addresses: readonly string[];
  /** Remaining TTL of the record in seconds; absent if the resolver does not report it. */
  readonly ttlSeconds?: number | undefined;
  /** Reason why there is no address. `code` is the resolver's code, such as `ENOTFOUND`. */
  readonly failure?:
    { readonly kind: 'no-address' | 'no-answer' | 'error'; readonly code: string } | undefined;
}

/** Looks up the addresses of a host name. */
export interface NameResolver {
  addressesOf(host: string, timeoutMs: number): Promise<ResolverAnswer>;
}

/** Resolver of this machine, as used by programs: its name servers, `/etc/hosts` and other configured sources. */
export class SystemResolver implements NameResolver {
  async addressesOf(host: string, timeoutMs: number): Promise<ResolverAnswer> {
    const found = await lookUpName(host, Date.now() + timeoutMs);
    switch (found.kind) {
      case 'found':
        return { resolver: 'system', addresses: found.addresses.map(({ address }) => address) };
      case 'name-not-found':
        return failed('system', found.detail);
      case 'timed-out':
        return failed('system', 'ETIMEOUT');
    }
  }
}

/** One name server, queried directly. */
export class NameServer implements NameResolver {
  /**
   * @param server `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:53`
   * @throws SmokeTestError SMOKE_TEST_INPUT if `server` has another format
   */
  constructor(private readonly server: string) {
    this.resolver(1);
  }

  async addressesOf(host: string, timeoutMs: number): Promise<ResolverAnswer> {
    const resolver = this.resolver(timeoutMs);
    const families = await Promise.allSettled([
      resolver.resolve4(host, { ttl: true }),
      resolver.resolve6(host, { ttl: true }),
    ]);
    const records = families.flatMap((family) => (family.status === 'fulfilled' ? family.value : []));
    if (records.length > 0) {
      return {
        resolver: this.server,
        addresses: records.map(({ address }) => canonicalAddress(address)),
        ttlSeconds: Math.max(...records.map(({ ttl }) => ttl)),
      };
    }
    const [v4] = families;
    return failed(
      this.server,
      v4.status === 'rejected' ? String((v4.reason as NodeJS.ErrnoException).code) : 'ENODATA',
    );
  }

  private resolver(timeoutMs: number): Resolver {
    const resolver = new Resolver({ timeout: Math.ceil(timeoutMs), tries: 1 });
    try {
      resolver.setServers([this.server]);
    } catch (cause) {
      throw new SmokeTestError(
        'SMOKE_TEST_INPUT',
        `the name server is "${this.server}"; expected an IP address, with a port if it is not 53`,
        { cause },
      );
    }
    return resolver;
  }
}

const failureKinds: Readonly<Record<string, 'no-address' | 'no-answer' | undefined>> = {
  ENOTFOUND: 'no-address',
  ENODATA: 'no-address',
  ETIMEOUT: 'no-answer',
  ECONNREFUSED: 'no-answer',
  // Code that the system reports if none of its name servers responded.
  EAI_AGAIN: 'no-answer',
};

function failed(resolver: string, code: string): ResolverAnswer {
  return { resolver, addresses: [], failure: { kind: failureKinds[code] ?? 'error', code } };
}
