import type { Client } from '@grpc/grpc-js';

import type { ConnectionDiagnosis } from '../connection/connection-diagnosis';
import { isConnected } from './service-channel';

/**
 * Looks after a call whose channel is not connected: grpc-js waits for a connection that hangs until the
 * call's deadline, and does not say why. Half of the time for connecting goes to the call alone; then a
 * diagnosis of our own runs beside it.
 */
export class ConnectionWatch {
  /** Set when the watch has given the call up: what is wrong with the connection. */
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
    // The deadline may have ended the call meanwhile, or the connection come about.
    if (!this.ended && !isConnected(this.client) && found.kind !== 'ready') {
      this.finding = found;
      this.giveUp();
    }
  }
}
