import { propagation, SpanKind, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

import { PredictionClient } from '../../lib/client';
import { serverForTest } from '../server/support/test-server';
import { afterwards } from '../support/cleanup';

it('a program with OpenTelemetry sees a span for each call, which the server continues', async () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const server = await serverForTest();
  const client = new PredictionClient({ address: server.address, plaintext: true });
  afterwards(() => {
    client.close();
  });
  await client.predict({ shape: [1, 3], data: Float32Array.of(1, 2, 3) });
  const call = exporter
    .getFinishedSpans()
    .find(({ kind, name }) => kind === SpanKind.CLIENT && name.endsWith('/Predict'));
  expect(call?.attributes).toEqual({
    'rpc.system': 'grpc',
    'rpc.service': 'tensorflow.serving.PredictionService',
    'rpc.method': 'Predict',
    'rpc.grpc.status_code': 0,
    'server.address': '127.0.0.1',
    'server.port': server.port,
  });
  const continued = exporter
    .getFinishedSpans()
    .find(
      ({ kind, parentSpanContext }) =>
        kind === SpanKind.SERVER && parentSpanContext?.spanId === call?.spanContext().spanId,
    );
  expect(continued?.spanContext().traceId).toBe(call?.spanContext().traceId);
});
