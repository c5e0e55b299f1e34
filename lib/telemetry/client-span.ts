import { messageOf } from '../errors/brainwave-error';

/** Where @opentelemetry/api keeps what a program registers. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

/** Span of a call that this process makes. */
export interface ClientSpan {
  /** W3C headers that continue the trace in the server. */
  readonly headers: Readonly<Record<string, string>>;
  /** @param error why the call failed, with its gRPC status if there is one; undefined if it succeeded */
  end(error?: unknown): void;
}

/** Returns whether the process uses OpenTelemetry: without it, spans are work that nobody sees. */
export function usesOpenTelemetry(): boolean {
  return REGISTERED in globalThis;
}

/**
 * Starts a span below the active one if the program uses OpenTelemetry. Otherwise the API is not even loaded.
 * @param path `/package.Service/Method`
 * @see https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
 */
export function startClientSpan(
  path: string,
  { host, port }: { readonly host: string; readonly port: number },
): ClientSpan | undefined {
  if (!usesOpenTelemetry()) {
    return undefined;
  }
  const { context, propagation, SpanKind, SpanStatusCode, trace } =
    require('@opentelemetry/api') as typeof import('@opentelemetry/api');
  const [service = '', method = ''] = path.slice(1).split('/', 2);
  const active = context.active();
  const span = trace.getTracer('cdktf-brainwave').startSpan(
    path.slice(1),
    {
      kind: SpanKind.CLIENT,
      attributes: {
        ...{ 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method },
        ...{ 'server.address': host, 'server.port': port },
      },
    },
    active,
  );
  const headers: Record<string, string> = {};
  propagation.inject(trace.setSpan(active, span), headers);
  return {
    headers,
    end: (error) => {
      const status = error === undefined ? 0 : (error as { grpcStatus?: number | undefined }).grpcStatus;
      if (status !== undefined) {
        span.setAttribute('rpc.grpc.status_code', status);
      }
      if (error !== undefined) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      }
      span.end();
    },
  };
}
