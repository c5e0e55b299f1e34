import { operationsRouter } from '../server/telemetry/operations';
import { ServerTransport } from '../server/transport/server-transport';
import { ListenError } from '../serving/serving-errors';
import type { ServerMetrics } from '../telemetry/server-metrics';

/** Metrics and probes have no calls in flight that are worth waiting for. */
const DRAIN_MS = 1000;
/** No request has a body. */
const MAX_BODY_BYTES = 1024;

/** Port for operators: metrics and probes of an entry script. */
export class OperationsPort {
  private constructor(
    private readonly transport: ServerTransport,
    readonly port: number,
  ) {}

  /**
   * @param unreadiness returns the reason why calls are not served now; undefined if they are
   * @throws ListenError if the port is in use
   */
  static async listen(
    host: string,
    port: number,
    metrics: ServerMetrics,
    unreadiness: () => string | undefined,
  ): Promise<OperationsPort> {
    const transport = new ServerTransport({
      maxMessageBytes: () => MAX_BODY_BYTES,
      admit: () => ignore,
      onCallEnd: ignore,
      // The process ends when its inference server does: while it runs, a restart helps against nothing.
      http: operationsRouter({ metrics, failure: () => undefined, unreadiness }, '/'),
    });
    try {
      return new OperationsPort(transport, await transport.listen(host, port));
    } catch (error) {
      throw ListenError.from(error as NodeJS.ErrnoException, host, port);
    }
  }

  async close(): Promise<void> {
    await this.transport.drain(DRAIN_MS);
  }
}

function ignore(): void {
  // Probes and scrapes are not calls.
}
