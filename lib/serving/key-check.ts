import { createHash, timingSafeEqual } from 'node:crypto';

import { isServiceKey } from '../validation/service-key';
import { ServerOptionsError } from './serving-errors';

/** The keys that a server accepts. Both are valid, so that one can be replaced while clients use the other. */
export interface ApiKeyPair {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** What is wrong with the key of a call. Each protocol turns it into its own status. */
export type KeyProblem = 'missing' | 'wrong';

/**
 * How a call carries its key: as `Bearer <key>` only, as HTTP clients do, or also as the bare key, which gRPC clients may
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

  /** @returns `undefined` for the primary and the secondary key */
  check(authorization: string | undefined): KeyProblem | undefined {
    const key = this.keyIn(authorization ?? '');
    if (key === '') {
      return 'missing';
    }
    const given = digest(key);
    // All digests have the same length and all are compared, so that the time reveals nothing.
    return this.digests.filter((known) => timingSafeEqual(known, given)).length > 0 ? undefined : 'wrong';
  }

  private keyIn(authorization: string): string {
    const bearer = /^Bearer +(.*)$/i.exec(authorization)?.[1];
    return bearer ?? (this.format === 'bearer' ? '' : authorization);
  }
}

/**
 * The sentence that a caller reads.
 * @param how how a key is sent, such as `"authorization" metadata`
 */
export function describeKeyProblem(problem: KeyProblem, how: string): string {
  return problem === 'missing'
    ? `the call carries no key; send the primary or the secondary key as ${how}`
    : 'the key is wrong; it is neither the primary nor the secondary key of this service';
}

/**
 * Refuses keys that no client can send: a header carries printable ASCII, and an empty key would protect nothing.
 * @throws ServerOptionsError
 */
export function requireUsableKeys(keys: ApiKeyPair): void {
  for (const name of ['primaryKey', 'secondaryKey'] as const) {
    const key = keys[name];
    if (!isServiceKey(key)) {
      throw new ServerOptionsError(
        `${name} is ${key === '' ? 'empty' : 'not printable ASCII without spaces'}, so no client could send it; ` +
          'use random letters and digits',
      );
    }
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
