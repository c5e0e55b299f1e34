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

/** Call as its span describes it. */
export interface TracedCall {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
}

interface Server {
  readonly host: string;
  readonly port: number;
}

/**
 * @param path `/package.Service/Method`
 * @see https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
 */
export function grpcCall(path: string, { host, port }: Server): TracedCall {
  const [service = '', method = ''] = path.slice(1).split('/', 2);
  return {
    name: path.slice(1),
    attributes: {
      ...{ 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method },
      ...{ 'server.address': host, 'server.port': port },
    },
  };
}

/** @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client */
export function restCall(verb: string, url: string, { host, port }: Server): TracedCall {
  return {
    name: verb,
    attributes: {
      ...{ 'http.request.method': verb, 'url.full': url },
      ...{ 'server.address': host, 'server.port': port },
    },
  };
}

/**
 * Starts a span below the active one if the program uses OpenTelemetry. Otherwise the API is not even loaded.
 * @param describe called only if there is a span
 */
export function startClientSpan(describe: () => TracedCall): ClientSpan | undefined {
  if (!usesOpenTelemetry()) {
    return undefined;
  }
  const { context, propagation, SpanKind, SpanStatusCode, trace } =
    require('@opentelemetry/api') as typeof import('@opentelemetry/api');
  const { name, attributes } = describe();
  const active = context.active();
  const span = trace
    .getTracer('cdktf-brainwave')
    .startSpan(name, { kind: SpanKind.CLIENT, attributes }, active);
  const headers: Record<string, string> = {};
  propagation.inject(trace.setSpan(active, span), headers);
  return {
    headers,
    end: (error) => {
      const isGrpc = 'rpc.system' in attributes;
      const { grpcStatus, code } = (error ?? { grpcStatus: 0 }) as CallFailure;
      if (isGrpc && grpcStatus !== undefined) {
        span.setAttribute('rpc.grpc.status_code', grpcStatus);
      }
      if (error !== undefined) {
        if (!isGrpc && code !== undefined) {
          span.setAttribute('error.type', code);
        }
        span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      }
      span.end();
    },
  };
}

/** What the errors of calls have. */
interface CallFailure {
  readonly grpcStatus?: number | undefined;
  readonly code?: string | undefined;
}
