import { GrpcStatus as status } from '../errors/grpc-status';
import type { HealthCheckRequest__Output } from '../wire/proto/types/grpc/health/v1/HealthCheckRequest';
import type { HealthCheckResponse } from '../wire/proto/types/grpc/health/v1/HealthCheckResponse';
import type { HealthListResponse } from '../wire/proto/types/grpc/health/v1/HealthListResponse';
import type { CallContext } from './transport/server-transport';
import { StatusError } from './status-error';

const SERVICES = new Set(['', 'tensorflow.serving.PredictionService', 'tensorflow.serving.ModelService']);

/** Implements `grpc.health.v1.Health`: SERVING if the model is loaded and the server is not stopping. */
export class HealthHandlers {
  private serving = false;
  private closed = false;
  private readonly watchers = new Set<() => void>();

  /** Reports to all watchers whether calls are served. */
  setServing(serving: boolean): void {
    this.serving = serving;
    for (const notify of this.watchers) {
      notify();
    }
  }

  /** Ends the `Watch` calls, for which a stopping server would wait forever. */
  close(): void {
    this.closed = true;
    this.setServing(false);
  }

  readonly Check = ({ service }: HealthCheckRequest__Output): HealthCheckResponse => {
    if (!SERVICES.has(service)) {
      throw new StatusError(status.NOT_FOUND, `unknown service "${service}"`);
    }
    return this.response(service);
  };

  readonly List = (): HealthListResponse => ({
    statuses: Object.fromEntries([...SERVICES].map((service) => [service, this.response(service)])),
  });

  readonly Watch = (
    requests: AsyncIterable<HealthCheckRequest__Output>,
    call: CallContext,
  ): AsyncIterable<HealthCheckResponse> => this.watch(requests, call);

  private async *watch(
    requests: AsyncIterable<HealthCheckRequest__Output>,
    call: CallContext,
  ): AsyncGenerator<HealthCheckResponse> {
    for await (const { service } of requests) {
      let last: string | undefined;
      for (;;) {
        const changed = this.nextChange(call.signal);
        const response = this.response(service);
        if (response.status !== last) {
          last = response.status as string;
          yield response;
        }
        if (this.closed || call.signal.aborted) {
          return;
        }
        await changed;
      }
    }
  }

  private response(service: string): HealthCheckResponse {
    if (!SERVICES.has(service)) {
      return { status: 'SERVICE_UNKNOWN' };
    }
    return { status: this.serving ? 'SERVING' : 'NOT_SERVING' };
  }

  private nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.watchers.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.watchers.add(done);
      signal.addEventListener('abort', done);
    });
  }
}
