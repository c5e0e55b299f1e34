import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { BrainwaveModel, ServiceDefinition, Stage } from '../../lib/service-definition';
import { startTracing } from '../../lib/telemetry/tracing';
import {
  GrpcClient,
  HOSTNAME,
  imageRequest,
  rowRequest,
  type GrpcClientOptions,
} from '../server/support/grpc-client';
import { keys } from '../server/support/test-server';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { servingPort, startCommand } from '../support/cli';
import { sampleImage, sampleServiceDefinition } from '../support/sample-service-definition';
import { temporaryFolder } from '../support/temporary-folder';
import { tinyModel } from '../support/tiny-model';
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver';

const PREDICT = 'tensorflow.serving.PredictionService/Predict';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const TRACEPARENT = { traceparent: `00-${TRACE}-${CALLER}-01` };
const SERVER_KIND = 2;
const CLIENT_KIND = 3;
const ERROR = 2;

let receiver: OtlpReceiver;
let folder: string;

beforeEach(async () => {
  receiver = await OtlpReceiver.listen();
  afterwards(() => {
    receiver.close();
  });
  const temporary = await temporaryFolder();
  afterwards(() => temporary.remove());
  folder = temporary.path;
});

interface Traced {
  readonly address: string;
  /** Ends the server, which sends its last spans, and returns its log. */
  stop(): Promise<string>;
}

/** A server in a process of its own, which its environment tells to export traces. */
async function serve(zip: Uint8Array, ...flags: string[]): Promise<Traced> {
  const model = `${createHash('sha256').update(zip).digest('hex')}.zip`;
  await writeFile(path.join(folder, model), zip);
  const server = startCommand(
    ['serve', '--model', model, '--port', '0', '--workers', '1', ...flags],
    folder,
    {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_SERVICE_NAME: 'traced' },
    },
  );
  const port = await servingPort(server);
  return {
    address: `127.0.0.1:${port}`,
    stop: async () => {
      server.process.kill('SIGTERM');
      return (await server.ended).stdout;
    },
  };
}

function clientFor({ address }: Traced, options: GrpcClientOptions = {}): GrpcClient {
  const client = new GrpcClient(address, options);
  afterwards(() => {
    client.close();
  });
  return client;
}

function named(name: string): ReceivedSpan[] {
  return receiver.spans.filter((span) => span.name === name);
}

it('a call is a server span below the span of its caller, with a child for each stage', async () => {
  const server = await serve(sampleServiceDefinition()._toZip());
  const image = imageRequest(sampleImage('chelsea.png'));
  await clientFor(server).predict(image, { headers: TRACEPARENT });
  const log = await server.stop();
  const call = named(PREDICT).at(0);
  expect(call).toMatchObject({
    traceId: TRACE,
    parentSpanId: CALLER,
    kind: SERVER_KIND,
    service: 'traced',
    attributes: {
      'rpc.system': 'grpc',
      'rpc.service': 'tensorflow.serving.PredictionService',
      'rpc.method': 'Predict',
      'rpc.grpc.status_code': 0,
    },
  });
  const children = receiver.spans.filter(({ parentSpanId }) => parentSpanId === call?.spanId);
  expect(children.map(({ name }) => name).sort()).toEqual(['brainwave-2', 'decode', 'queue', 'tensorflow-3']);
  for (const { startTimeUnixNano, endTimeUnixNano } of children) {
    // The clocks of threads differ by less than this.
    const slackNanos = 50e6;
    expect(startTimeUnixNano).toBeGreaterThanOrEqual((call?.startTimeUnixNano ?? 0) - slackNanos);
    expect(endTimeUnixNano).toBeLessThanOrEqual((call?.endTimeUnixNano ?? 0) + slackNanos);
  }
  expect(log).toContain(`"trace_id":"${TRACE}"`);
});

it('a trace that begins with an HTTP request continues on the accelerator', async () => {
  const accelerator = await serve(tinyModel(), '--model-name', 'features');
  const model = BrainwaveModel.custom('features', { outputTensorDims: [1, 3] });
  const zip = new ServiceDefinition({ stages: [Stage.brainwave({ model, name: 'features' })] })._toZip();
  const server = await serve(
    zip,
    ...['--accelerator-protocol', 'tensorflow-serving', '--accelerator-address', accelerator.address],
    ...['--accelerator-model-version', '1'],
  );
  const response = await fetch(`http://${server.address}/v1/models/default:predict`, {
    method: 'POST',
    headers: TRACEPARENT,
    body: JSON.stringify({ instances: [[1, 2, 3]] }),
  });
  expect(response.status).toBe(200);
  await server.stop();
  await accelerator.stop();
  const call = named('brainwave-1').at(0);
  const outer = named(PREDICT).find(({ parentSpanId }) => parentSpanId === CALLER);
  const inner = named(PREDICT).find(({ parentSpanId }) => parentSpanId === call?.spanId);
  expect(call).toMatchObject({ traceId: TRACE, kind: CLIENT_KIND, parentSpanId: outer?.spanId });
  expect(inner).toMatchObject({ traceId: TRACE, kind: SERVER_KIND });
});

it('spans never contain a key, and an error of the caller is not one of the server', async () => {
  const tls = await issueCertificate({ names: [HOSTNAME] });
  for (const [name, content] of Object.entries({
    'tls.crt': tls.certificate,
    'tls.key': tls.privateKey,
    'keys.json': JSON.stringify(keys),
  })) {
    await writeFile(path.join(folder, name), content, { mode: 0o600 });
  }
  const server = await serve(
    tinyModel(),
    ...['--certificate', 'tls.crt', '--private-key', 'tls.key', '--key-file', 'keys.json'],
  );
  const root = tls.certificate;
  await clientFor(server, { root, key: 'a-wrong-key-of-the-test' }).predict(rowRequest(1, 2, 3));
  await clientFor(server, { root, key: keys.primaryKey }).predict(rowRequest(1, 2, 3));
  await server.stop();
  const codes = named(PREDICT).map(({ attributes, status }) => [
    attributes['rpc.grpc.status_code'],
    status?.code === ERROR,
  ]);
  expect(codes).toEqual([
    [16, false],
    [0, false],
  ]);
  expect(receiver.text).not.toMatch(/key-of-the-test/);
});

describe('the environment', () => {
  const missing = (name: string) => {
    throw Object.assign(new Error(name), { code: 'MODULE_NOT_FOUND' });
  };

  it.each([
    [{}],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }],
    [{ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' }],
  ])('%j asks for no traces, and no package is loaded', (environment) => {
    expect(startTracing(environment, missing)).toBeUndefined();
  });

  it.each([
    [
      { OTEL_TRACES_EXPORTER: 'otlp' },
      'OTEL_TRACES_EXPORTER asks for traces, but the packages @opentelemetry/sdk-trace-base, @opentelemetry/core, ' +
        '@opentelemetry/resources, @opentelemetry/exporter-trace-otlp-proto are not installed; run `npm install --ignore-scripts ' +
        '@opentelemetry/sdk-trace-base @opentelemetry/core @opentelemetry/resources @opentelemetry/exporter-trace-otlp-proto`, ' +
        'or set OTEL_TRACES_EXPORTER=none',
    ],
    [
      { OTEL_TRACES_EXPORTER: 'zipkin' },
      'OTEL_TRACES_EXPORTER is "zipkin", expected otlp or none; set it to otlp',
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", expected http/protobuf; set it to http/protobuf and the endpoint to the ' +
        "collector's port for HTTP, usually 4318",
    ],
  ])('%j is refused with the remedy', (environment, message) => {
    expect(() => startTracing(environment, missing)).toThrow(message);
  });
});
