import { isIPv6 } from 'node:net';

/** How callers are slowed who come without a right key. */
export interface FailedAttemptsOptions {
  /**
   * How many refused calls of one address are answered at once. A smoke test makes two, and several pipelines may run
   * theirs behind one address.
   * @default 100
   */
  readonly burst?: number | undefined;
  /**
   * How many a second are answered after those.
   * @default 1
   */
  readonly perSecond?: number | undefined;
}

/** What a caller is made to bear for a failed attempt. */
export interface Penalty {
  /** Failed attempts of this address since it was last at rest. */
  readonly attempts: number;
  /** How long its answer is held back. */
  readonly delayMs: number;
  /** Whether so many of its answers are held back already that its connection is to close. */
  readonly hangUp: boolean;
  /** Whether this attempt is the first that is held back, which is worth a line in the log. */
  readonly begins: boolean;
}

interface Peer {
  attempts: number;
  heldBack: boolean;
  /** When the answers that it is owed are all given, at the rate that it is allowed. */
  settledAt: number;
}

/** No answer is held back for longer; what would be closes the connection instead. */
const LONGEST_DELAY_MS = 10_000;
/** Addresses that are remembered; the one that failed longest ago is forgotten first. */
const MAX_PEERS = 4096;

/**
 * Counts the calls of each address that had no right key, and says how long the answer to the next one is held
 * back: none for a number that no search for a key needs, then so that only a few a second are answered.
 *
 * Only refusals are slowed, never a call with a right key: behind a load balancer or a NAT that gives all callers
 * one address, one of them cannot lock the others out.
 */
export class FailedAttempts {
  private readonly peers = new Map<string, Peer>();
  private readonly burstMs: number;
  private readonly intervalMs: number;

  /** @param now milliseconds of a clock that never goes back */
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

/** Whoever has an IPv6 address usually has the 2^64 of its network. */
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
