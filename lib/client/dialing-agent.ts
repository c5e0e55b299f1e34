import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';

import type { ConnectionTarget } from '../connection/connection-diagnosis';
import { dial, secureContext } from './dial';

/** Azure's load balancers silently drop connections that have been idle for 4 minutes. */
const IDLE_MS = 180_000;

/**
 * Agent whose connections, with TLS if the target has it, are dialed like those for gRPC, so that proxies, names and certificates
 * are treated alike. It connects to its target, regardless of the host of a request.
 */
export class DialingAgent extends Agent {
  private readonly context: SecureContext | undefined;

  /** @throws InvalidInputError if the TLS settings are invalid */
  constructor(
    private readonly target: ConnectionTarget,
    private readonly connectTimeoutMs: number,
  ) {
    super({ keepAlive: true, timeout: IDLE_MS });
    this.context = secureContext(target);
  }

  override createConnection(
    _options: object,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.connect().then(
      (socket) => callback?.(null, socket),
      (error: unknown) => (callback as ((error: Error) => void) | undefined)?.(error as Error),
    );
  }

  private async connect(): Promise<Socket> {
    const socket = await dial(this.target, this.context, Date.now() + this.connectTimeoutMs);
    if (!socket) {
      throw new Error('it was not established');
    }
    return socket;
  }
}
