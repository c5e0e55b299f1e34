import { hash, timingSafeEqual } from 'node:crypto';

import { isServiceKey } from '../validation/service-key';
import { ServerOptionsError } from './serving-errors';

/** The keys that a server accepts. Both are valid, so that one can be replaced while clients use the other. */
export interface ApiKeyPair {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** Problem with the key of a call. Each protocol translates it to its own status. */
export type KeyProblem = 'missing' | 'wrong';

/**
 * Accepted formats of a key: only `Bearer <key>`, as HTTP clients send it, or also the bare key, which gRPC clients may
 * send.
 */
export type KeyFormat = 'bearer' | 'bearer-or-bare';

/** Checks the `authorization` header of calls. */
export class KeyCheck {
  private readonly digests: readonly Buffer[];

  constructor(
    { primaryKey, secondaryKey }: ApiKeyPair,
    private readonly format: KeyFormat,
  ) {
    this.digests = [primaryKey, secondaryKey].map(digest);
  }

  /** @returns `undefined` if the key is valid */
  check(authorization: string | undefined): KeyProblem | undefined {
    const key = this.keyIn(authorization ?? '');
    if (key === '') {
      return 'missing';
    }
    const given = digest(key);
    // All digests have the same length and all are compared, so that the duration reveals nothing.
    return this.digests.filter((known) => timingSafeEqual(known, given)).length > 0 ? undefined : 'wrong';
  }

  private keyIn(authorization: string): string {
    const bearer = /^Bearer +(.*)$/i.exec(authorization)?.[1];
    return bearer ?? (this.format === 'bearer' ? '' : authorization);
  }
}

/**
 * Returns the error message for the caller.
 * @param how how to send a key, such as `"authorization" metadata`
 */
export function describeKeyProblem(problem: KeyProblem, how: string): string {
  return problem === 'missing'
    ? `the call has no key; send the primary or the secondary key as ${how}`
    : 'the key is invalid; send the primary or the secondary key of this service';
}

/**
 * Rejects keys that no client can send (headers contain only printable ASCII) and empty keys, which protect nothing.
 * @throws ServerOptionsError if a key is invalid
 */
export function requireUsableKeys(keys: ApiKeyPair): void {
  for (const name of ['primaryKey', 'secondaryKey'] as const) {
    const key = keys[name];
    if (!isServiceKey(key)) {
      throw new ServerOptionsError(
        `${name} is ${key === '' ? 'empty' : 'not printable ASCII without spaces'}, so no client can send it; ` +
          'use random letters and digits',
      );
    }
  }
}

function digest(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
