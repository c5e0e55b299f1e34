import { createHash, timingSafeEqual } from 'node:crypto';

import { status } from '@grpc/grpc-js';

import { StatusError } from './status-error';

/** The keys that open a service. Both are valid at once, so that one can be changed while the other serves. */
export interface ApiKeyPair {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** Checks the `authorization` metadata of calls: the bare key, or `Bearer <key>`. */
export class ApiKeyCheck {
  private readonly digests: readonly Buffer[];

  constructor(keys: ApiKeyPair) {
    this.digests = [keys.primaryKey, keys.secondaryKey].map(digest);
  }

  /** UNAUTHENTICATED, saying whether the key is missing or wrong; `undefined` where it is right. */
  refusal(authorization: string | undefined): StatusError | undefined {
    if (authorization === undefined || authorization === '') {
      return new StatusError(
        status.UNAUTHENTICATED,
        'the call carries no key; send the primary or the secondary key as "authorization" metadata',
      );
    }
    return this.opens(authorization.replace(/^Bearer /i, ''))
      ? undefined
      : new StatusError(
          status.UNAUTHENTICATED,
          'the key is wrong; it is neither the primary nor the secondary key of this service',
        );
  }

  /** Whether a key is the primary or the secondary one. */
  opens(key: string): boolean {
    const given = digest(key);
    // Digests are of one length and every key is compared, so that the time tells nothing.
    return this.digests.filter((known) => timingSafeEqual(known, given)).length > 0;
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
