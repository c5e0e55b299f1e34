import { Token } from 'cdktf';

/** A change on its way to the replicas of a service. */
export interface WebserviceRollout {
  /** Number of consecutive new connections that must reach the endpoint's revision. */
  readonly connections: number;
  /** Time limit for the rollout, in seconds. */
  readonly timeoutSeconds: number;
  /**
   * Command that shows the progress, for the error message of a smoke test that waited in vain.
   * @default - none
   */
  readonly inspect?: string | undefined;
}

/** A load balancer picks a replica for each connection: this many per replica very probably reach all of them. */
const CONNECTIONS_PER_REPLICA = 4;
const MAX_CONNECTIONS = 64;

/**
 * Returns the number of connections that very probably reach each replica.
 * @internal
 */
export function rolloutConnections(replicas: number): number {
  if (replicas === 1) {
    return 1;
  }
  return Token.isUnresolved(replicas)
    ? MAX_CONNECTIONS
    : Math.min(replicas * CONNECTIONS_PER_REPLICA, MAX_CONNECTIONS);
}
