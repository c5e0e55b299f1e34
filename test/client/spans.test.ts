import { propagation, SpanKind, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

import { PredictionClient } from '../../lib/client';
import { serverForTest } from '../server/support/test-server';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';

const exporter = new InMemorySpanExporter();

beforeAll(() => {
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});

afterEach(() => {
  exporter.reset();
});

it('a program with OpenTelemetry sees a span for each call, which the server continues', async () => {
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

it('a call over REST has a span, too, which the server continues', async () => {
  const tls = await issueCertificate({ names: ['127.0.0.1'] });
  const server = await serverForTest({ tls });
  const address = `https://${server.address}`;
  const clientOf = (modelName: string) => {
    const client = new PredictionClient({ address, rootCertificates: tls.certificate, modelName });
    afterwards(() => {
      client.close();
    });
    return client;
  };
  const tensor = { shape: [1, 3], data: Float32Array.of(1, 2, 3) };
  await clientOf('tiny').predict(tensor);
  await expect(clientOf('another').predict(tensor)).rejects.toThrow();
  const spans = exporter.getFinishedSpans();
  const calls = spans.filter(({ kind }) => kind === SpanKind.CLIENT);
  const peer = { 'server.address': '127.0.0.1', 'server.port': server.port };
  expect(calls.map((call) => call.attributes)).toEqual([
    { ...peer, 'http.request.method': 'GET', 'url.full': `${address}/v1/models/tiny/metadata` },
    { ...peer, 'http.request.method': 'POST', 'url.full': `${address}/v1/models/tiny:predict` },
    {
      ...{ ...peer, 'http.request.method': 'GET', 'url.full': `${address}/v1/models/another/metadata` },
      'error.type': 'MODEL_NOT_FOUND',
    },
  ]);
  const parents = spans
    .filter(({ kind }) => kind === SpanKind.SERVER)
    .map(({ parentSpanContext }) => parentSpanContext?.spanId);
  expect(parents).toEqual(calls.map((call) => call.spanContext().spanId));
});
