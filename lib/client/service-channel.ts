import type { SecureContext } from 'node:tls';

import { secureContext } from './dial';
import type { ClientSettings } from './prediction-client-options';
import { ServiceConnection } from './service-connection';

/**
 * Provides one connection for all calls. It is established by the first call, and again by the next call after it broke or the
 * server announced that it will close it.
 */
export class ServiceChannel {
  private readonly context: SecureContext | undefined;
  private current: ServiceConnection | undefined;
  private connecting: Promise<ServiceConnection | undefined> | undefined;
  private closed = false;

  /** @throws InvalidInputError if the TLS settings are invalid */
  constructor(private readonly settings: ClientSettings) {
    this.context = secureContext(settings);
  }

  /** Connection that a call can use now. */
  get ready(): ServiceConnection | undefined {
    return this.current?.usable ? this.current : undefined;
  }

  /**
   * Connects, or joins the attempt that is under way.
   * @returns `undefined` if that failed
   */
  connect(): Promise<ServiceConnection | undefined> {
    return (this.connecting ??= this.open());
  }

  /** Makes the next call connect anew instead of joining this attempt, which hangs. */
  abandon(attempt: Promise<unknown>): void {
    if (this.connecting === attempt) {
      this.connecting = undefined;
    }
  }

  close(): void {
    this.closed = true;
    this.current?.close();
  }

  private open(): Promise<ServiceConnection | undefined> {
    const { connectTimeoutMs } = this.settings;
    const attempt = ServiceConnection.open(this.settings, this.context, Date.now() + connectTimeoutMs).then(
      (connection) => {
        this.abandon(attempt);
        if (this.closed || this.ready) {
          connection?.close();
        } else {
          this.current = connection;
        }
        return this.ready;
      },
    );
    return attempt;
  }
}
