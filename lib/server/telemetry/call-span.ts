import {
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';

import { messageOf } from '../../errors/brainwave-error';
import { GrpcStatus } from '../../errors/grpc-status';
import { usesOpenTelemetry } from '../../telemetry/client-span';
import type { CallTrace, RemoteRun, StageRun } from '../pipeline/stage-run';
import type { CallContext, CallOutcome } from '../transport/call-context';

/**
 * Statuses that are errors of the server. The others are the caller's.
 * @see https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
 */
const SERVER_ERRORS: ReadonlySet<GrpcStatus> = new Set([
  GrpcStatus.UNKNOWN,
  GrpcStatus.DEADLINE_EXCEEDED,
  GrpcStatus.UNIMPLEMENTED,
  GrpcStatus.INTERNAL,
  GrpcStatus.UNAVAILABLE,
  GrpcStatus.DATA_LOSS,
]);

/** Server span of a call, with a child for each run of a stage. It never contains a key or a part of the request. */
export class CallSpan implements CallTrace {
  /** Identifies the trace in the log. */
  readonly traceId: string;
  private readonly context: Context;

  /**
   * Starts the span of a call, as a child of the span that the caller's W3C headers name.
   * @returns undefined if the process does not export traces
   */
  static start({ method, headers, requestId }: CallContext): CallSpan | undefined {
    if (!usesOpenTelemetry()) {
      return undefined;
    }
    const tracer = trace.getTracer('cdktf-brainwave');
    const parent = propagation.extract(ROOT_CONTEXT, headers);
    const [service = '', name = ''] = method.slice(1).split('/', 2);
    const span = tracer.startSpan(
      `${service}/${name}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'rpc.system': 'grpc',
          'rpc.service': service,
          'rpc.method': name,
          'brainwave.request_id': requestId,
        },
      },
      parent,
    );
    return trace.isSpanContextValid(span.spanContext()) ? new CallSpan(tracer, span, parent) : undefined;
  }

  private constructor(
    private readonly tracer: Tracer,
    private readonly span: Span,
    parent: Context,
  ) {
    this.traceId = span.spanContext().traceId;
    this.context = trace.setSpan(parent, span);
  }

  readonly add = ({ stage, startedAt, durationMs, rows }: StageRun): void => {
    const attributes = rows === undefined ? {} : { 'brainwave.batch_size': rows };
    this.tracer
      .startSpan(stage, { startTime: startedAt, attributes }, this.context)
      .end(startedAt + durationMs);
  };

  begin(stage: string): RemoteRun {
    const span = this.tracer.startSpan(stage, { kind: SpanKind.CLIENT }, this.context);
    const headers: Record<string, string> = {};
    propagation.inject(trace.setSpan(this.context, span), headers);
    return {
      headers,
      end: (rows, error) => {
        span.setAttribute('brainwave.batch_size', rows);
        if (error !== undefined) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
        }
        span.end();
      },
    };
  }

  end({ status, message }: CallOutcome): void {
    this.span.setAttribute('rpc.grpc.status_code', status);
    if (SERVER_ERRORS.has(status)) {
      this.span.setStatus({ code: SpanStatusCode.ERROR, message });
    }
    this.span.end();
  }
}
