import type { Client } from '@grpc/grpc-js';

import type { ConnectionDiagnosis } from '../connection/connection-diagnosis';
import { isConnected } from './service-channel';

/**
 * Watches a call whose channel is not connected: grpc-js waits for a hanging connection until the call's deadline and does not
 * report why. After half of the connect timeout, a separate diagnosis runs in parallel.
 */
export class ConnectionWatch {
  /** Problem with the connection, set when the watch has canceled the call. */
  finding: ConnectionDiagnosis | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly client: Client,
    timeoutMs: number,
    private readonly diagnose: (timeoutMs: number) => Promise<ConnectionDiagnosis>,
    private readonly giveUp: () => void,
  ) {
    if (!isConnected(client)) {
      this.timer = setTimeout(() => void this.look(timeoutMs / 2), timeoutMs / 2);
    }
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private async look(timeoutMs: number): Promise<void> {
    if (isConnected(this.client)) {
      return;
    }
    const found = await this.diagnose(timeoutMs);
    // Meanwhile the deadline may have ended the call, or the connection may have been established.
    if (!this.ended && !isConnected(this.client) && found.kind !== 'ready') {
      this.finding = found;
      this.giveUp();
    }
  }
}
