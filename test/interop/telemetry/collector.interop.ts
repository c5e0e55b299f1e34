import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { BrainwaveModel, ServiceDefinition, Stage } from '../../../lib/service-definition';
import { imageFile } from '../../client/sample-service';
import { servingPort, startCommand } from '../../support/cli';
import { sampleServiceDefinition } from '../../support/sample-service-definition';
import { temporaryFolder } from '../../support/temporary-folder';
import { tinyModel } from '../../support/tiny-model';
import { OtlpReceiver, type ReceivedSpan } from '../../telemetry/otlp-receiver';
import { CollectorProcess } from './collector-process';

const run = promisify(execFile);

/*
 * A caller, a server and an accelerator export traces to a collector. What the collector sends on is decoded here: it has refused
 * nothing, and it has put the spans together.
 */

const PREDICT = 'tensorflow.serving.PredictionService/Predict';
const SERVER_KIND = 2;
const CLIENT_KIND = 3;

let folder: string;
let removeFolder: () => Promise<void>;
let received: OtlpReceiver;
let collector: CollectorProcess;

beforeAll(async () => {
  ({ path: folder, remove: removeFolder } = await temporaryFolder());
  received = await OtlpReceiver.listen();
  collector = await CollectorProcess.start(
    process.env.INTEROP_COLLECTOR ?? 'otelcol',
    folder,
    received.endpoint,
  );
});

afterAll(async () => {
  await collector.stop();
  received.close();
  await removeFolder();
});

interface Traced {
  readonly address: string;
  /** Ends the server, which sends its last spans, and returns its log. */
  stop(): Promise<string>;
}

async function serve(name: string, zip: Uint8Array, ...flags: string[]): Promise<Traced> {
  const model = `${createHash('sha256').update(zip).digest('hex')}.zip`;
  await writeFile(path.join(folder, model), zip);
  const server = startCommand(
    ['serve', '--model', model, '--port', '0', '--workers', '1', ...flags],
    folder,
    {
      env: exporting(name),
    },
  );
  return {
    address: `127.0.0.1:${await servingPort(server)}`,
    stop: async () => {
      server.process.kill('SIGTERM');
      return (await server.ended).stdout;
    },
  };
}

async function call({ address }: Traced, ...image: string[]): Promise<void> {
  await run(process.execPath, [path.join(__dirname, 'caller.cjs'), address, ...image], {
    env: { ...process.env, ...exporting('caller') },
  });
}

/** Variables of a process that exports traces. */
function exporting(service: string): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_SERVICE_NAME: service };
}

/** The only span of a service with this name. */
function only(service: string, name: string): ReceivedSpan {
  const spans = received.spans.filter((span) => span.service === service && span.name === name);
  expect([service, name, spans.length]).toEqual([service, name, 1]);
  return spans[0];
}

function childrenOf({ spanId }: ReceivedSpan): string[] {
  return received.spans
    .filter(({ parentSpanId }) => parentSpanId === spanId)
    .map(({ service, name }) => `${service} ${name}`)
    .sort();
}

it('a collector sees the call of a client, the server that continues it, and a span per stage', async () => {
  const server = await serve('scoring', sampleServiceDefinition()._toZip());
  await call(server, imageFile('chelsea.png'));
  const log = await server.stop();
  const client = only('caller', PREDICT);
  const served = only('scoring', PREDICT);
  expect(client).toMatchObject({ kind: CLIENT_KIND, attributes: { 'rpc.grpc.status_code': 0 } });
  expect(served).toMatchObject({
    ...{ kind: SERVER_KIND, traceId: client.traceId, parentSpanId: client.spanId },
    attributes: { 'rpc.system': 'grpc', 'rpc.method': 'Predict', 'rpc.grpc.status_code': 0 },
  });
  const stages = ['brainwave-2', 'decode', 'queue', 'tensorflow-3'];
  expect(childrenOf(served)).toEqual(stages.map((stage) => `scoring ${stage}`));
  expect(log).toContain(`"trace_id":"${client.traceId}"`);
});

it('a collector sees the accelerator in the trace of the caller', async () => {
  const accelerator = await serve('accelerator', tinyModel(), '--model-name', 'features');
  const model = BrainwaveModel.custom('features', { outputTensorDims: [1, 3] });
  const server = await serve(
    'front',
    new ServiceDefinition({ stages: [Stage.brainwave({ model, name: 'features' })] })._toZip(),
    ...['--accelerator-protocol', 'tensorflow-serving', '--accelerator-address', accelerator.address],
    ...['--accelerator-model-version', '1'],
  );
  await call(server);
  await server.stop();
  await accelerator.stop();
  const remote = only('accelerator', PREDICT);
  const stage = only('front', 'brainwave-1');
  const served = only('front', PREDICT);
  expect(stage).toMatchObject({ kind: CLIENT_KIND, parentSpanId: served.spanId });
  expect(remote).toMatchObject({ kind: SERVER_KIND, parentSpanId: stage.spanId, traceId: served.traceId });
  const client = received.spans.find(({ spanId }) => spanId === served.parentSpanId);
  expect(client).toMatchObject({ service: 'caller', kind: CLIENT_KIND, traceId: remote.traceId });
});
