import { setTimeout as delay } from 'node:timers/promises';

import { FailedAttempts, type FailedAttemptsOptions } from './failed-attempts';
import { KeyCheck, requireUsableKeys, type ApiKeyPair, type KeyFormat, type KeyProblem } from './key-check';
import type { Log } from './log';
import { propertyNames, type OptionNames } from '../validation/option-names';
import { ServerOptionsError } from './serving-errors';
import { requireUsableCertificate, type TlsContext } from './tls-policy';

/** Access settings of a server. */
export interface AccessSettings {
  /** @default - plaintext, on which keys are not checked */
  readonly tls?: TlsContext | undefined;
  /**
   * Whether a trusted proxy terminates TLS. Keys are then checked although connections are plaintext.
   * @default false
   */
  readonly tlsTerminatedByProxy?: boolean | undefined;
  /** @default - anyone who can connect can call */
  readonly keys?: ApiKeyPair | undefined;
  /** Throttling of calls without a valid key. */
  readonly failedAttempts?: FailedAttemptsOptions | undefined;
}

/** A call without a valid key. */
export interface RefusedCall {
  /** IP address of the caller. */
  readonly peer: string;
  /** Aborted when the caller has disconnected. */
  readonly signal?: AbortSignal | undefined;
  /** Closes the connection. */
  hangUp(): void;
  /** Called before the response is delayed, because the rest of the request need not be kept in the meantime. */
  discardRequest?(): void;
}

/**
 * Security policy of every server, regardless of its protocol: keys are checked only with TLS, its own or a trusted proxy's, and responses to calls
 * without a valid key are throttled.
 */
export class AccessControl {
  private keyCheck: KeyCheck | undefined;
  private failedAttempts: FailedAttempts;

  /**
   * @param format how calls carry their key
   * @param onRefusal called for each call without a valid key
   */
  constructor(
    private settings: AccessSettings,
    private readonly format: KeyFormat,
    private readonly log: Log,
    private readonly onRefusal: () => void = ignore,
  ) {
    this.keyCheck = this.keyCheckOf(settings);
    this.failedAttempts = new FailedAttempts(settings.failedAttempts);
  }

  /** Applies new settings to later calls. Failed attempts stay counted unless their limits change. */
  change(next: AccessSettings): void {
    if (JSON.stringify(next.failedAttempts) !== JSON.stringify(this.settings.failedAttempts)) {
      this.failedAttempts = new FailedAttempts(next.failedAttempts);
    }
    this.keyCheck = this.keyCheckOf(next);
    this.settings = next;
  }

  /** @returns `undefined` if the call may be served */
  check(authorization: string | undefined): KeyProblem | undefined {
    return this.keyCheck?.check(authorization);
  }

  /**
   * Delays the response to a rejected call, or closes its connection, if calls from its address have failed often.
   * @returns whether to send a response
   */
  async throttle(call: RefusedCall): Promise<boolean> {
    this.onRefusal();
    const { peer, signal } = call;
    const { attempts, delayMs, hangUp, begins } = this.failedAttempts.count(peer);
    if (begins) {
      this.log.warn({ peer, attempts }, 'responses to calls without a valid key are now delayed');
    }
    if (hangUp) {
      call.hangUp();
    } else if (delayMs > 0) {
      call.discardRequest?.();
      await delay(delayMs, undefined, { signal });
    }
    return !hangUp;
  }

  /** Logs where the server listens, with a warning if anyone can call it. */
  logListening(address: string, port: number): void {
    const { tls, tlsTerminatedByProxy = false, keys } = this.settings;
    this.log.info(
      { address, port, tls: tls !== undefined, ...(tlsTerminatedByProxy && { tlsTerminatedByProxy }) },
      'listening',
    );
    if (!tls && !tlsTerminatedByProxy) {
      this.log.warn(
        {},
        'TLS is disabled: keys are not checked, and anyone who can connect to this address can call',
      );
    } else if (!keys) {
      this.log.warn({}, 'no keys are configured: anyone who can connect to this address can call');
    }
  }

  private keyCheckOf({ tls, tlsTerminatedByProxy, keys }: AccessSettings): KeyCheck | undefined {
    return (tls ?? tlsTerminatedByProxy) && keys ? new KeyCheck(keys, this.format) : undefined;
  }
}

function ignore(): void {
  // Nobody counts the refusals.
}

/**
 * Validates the certificate and the keys before anything is changed.
 * @param names where the user sets an option
 * @throws ServerOptionsError if the certificate or a key is invalid
 */
export function requireUsableAccess(
  { tls, tlsTerminatedByProxy, keys }: AccessSettings,
  names: OptionNames = propertyNames,
): void {
  if (tls && tlsTerminatedByProxy) {
    throw new ServerOptionsError(
      `${names('tls')} and ${names('tlsTerminatedByProxy')} are both set, but either the server or a proxy terminates TLS; ` +
        'remove one of them',
    );
  }
  if (keys) {
    requireUsableKeys(keys);
  }
  if (tls) {
    requireUsableCertificate(tls);
  }
}
