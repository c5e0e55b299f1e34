import { isIPv6 } from 'node:net';

/** Throttling of calls without a valid key. */
export interface FailedAttemptsOptions {
  /**
   * Number of rejected calls per address that are answered without delay. A smoke test makes two, and several pipelines
   * may share an address.
   * @default 100
   */
  readonly burst?: number | undefined;
  /**
   * Rate at which further rejected calls per address are answered, in calls per second.
   * @default 1
   */
  readonly perSecond?: number | undefined;
}

/** How to respond to a failed attempt. */
export interface Penalty {
  /** Number of failed attempts of this address since its last delay ended. */
  readonly attempts: number;
  /** Delay of the response, in milliseconds. */
  readonly delayMs: number;
  /** Whether to close the connection, because too many responses are already delayed. */
  readonly hangUp: boolean;
  /** Whether this is the first delayed attempt of the address, which is logged. */
  readonly begins: boolean;
}

interface Peer {
  attempts: number;
  heldBack: boolean;
  /** Time at which all of its delayed responses have been sent. */
  settledAt: number;
}

/** Maximum delay of a response. If it would be longer, the connection is closed instead. */
const LONGEST_DELAY_MS = 10_000;
/** Maximum number of addresses to track. The one whose last failure is oldest is dropped first. */
const MAX_PEERS = 4096;

/**
 * Counts calls without a valid key per address and delays the responses. A first number of attempts, too few to guess a
 * key, is answered without delay; after that, only a few per second are answered.
 *
 * Only rejections are delayed, never a call with a valid key. Behind a load balancer or a NAT, where all callers have
 * the same address, no caller can lock out the others.
 */
export class FailedAttempts {
  private readonly peers = new Map<string, Peer>();
  private readonly burstMs: number;
  private readonly intervalMs: number;

  /** @param now time of a monotonic clock, in milliseconds */
  constructor(
    { burst = 100, perSecond = 1 }: FailedAttemptsOptions = {},
    private readonly now: () => number = () => performance.now(),
  ) {
    this.intervalMs = 1000 / perSecond;
    this.burstMs = burst * this.intervalMs;
  }

  /** Counts a failed attempt. */
  count(address: string): Penalty {
    const now = this.now();
    const key = networkOf(address);
    const known = this.peers.get(key);
    const peer = known && known.settledAt > now ? known : { attempts: 0, heldBack: false, settledAt: now };
    const delayMs = Math.max(0, peer.settledAt + this.intervalMs - now - this.burstMs);
    const hangUp = delayMs > LONGEST_DELAY_MS;
    peer.attempts += 1;
    if (!hangUp) {
      peer.settledAt += this.intervalMs;
    }
    const begins = delayMs > 0 && !peer.heldBack;
    peer.heldBack ||= begins;
    this.remember(key, peer);
    return { attempts: peer.attempts, delayMs: hangUp ? 0 : delayMs, hangUp, begins };
  }

  private remember(key: string, peer: Peer): void {
    this.peers.delete(key);
    this.peers.set(key, peer);
    if (this.peers.size > MAX_PEERS) {
      const [oldest] = this.peers.keys();
      this.peers.delete(oldest);
    }
  }
}

/** The owner of an IPv6 address usually has all 2^64 addresses of its network. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) {
    return mapped[1];
  }
  return isIPv6(address) ? expand(address).slice(0, 4).join(':') : address;
}

function expand(address: string): string[] {
  const [bare] = address.toLowerCase().split('%');
  const [before, after] = `${bare}::`.split('::').map((groups) => groups.split(':').filter(Boolean));
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after];
}
