import { status, type ClientReadableStream } from '@grpc/grpc-js';

import { messageType } from '../../lib/wire/proto/load';
import type { HealthCheckResponse__Output } from '../../lib/wire/proto/types/grpc/health/v1/HealthCheckResponse';
import type { HealthListResponse__Output } from '../../lib/wire/proto/types/grpc/health/v1/HealthListResponse';
import type { GetModelMetadataResponse__Output } from '../../lib/wire/proto/types/tensorflow/serving/GetModelMetadataResponse';
import type { GetModelStatusResponse__Output } from '../../lib/wire/proto/types/tensorflow/serving/GetModelStatusResponse';
import type {
  SignatureDefMap,
  SignatureDefMap__Output,
} from '../../lib/wire/proto/types/tensorflow/serving/SignatureDefMap';
import { ScoringServer } from '../../lib/server';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { until } from '../support/until';
import { answerOf, GrpcClient, HOSTNAME, rowRequest, type GrpcClientOptions } from './support/grpc-client';
import { LogLines } from './support/log-lines';
import { framed, RawClient, statusOf } from './support/raw-client';
import { keys, serverForTest } from './support/test-server';

const CHECK = 'grpc.health.v1.Health/Check';
const LIST = 'grpc.health.v1.Health/List';
const WATCH = 'grpc.health.v1.Health/Watch';
const STATUS = 'tensorflow.serving.ModelService/GetModelStatus';
const METADATA = 'tensorflow.serving.PredictionService/GetModelMetadata';

function clientFor(address: string, options: GrpcClientOptions = {}): GrpcClient {
  const client = new GrpcClient(address, options);
  afterwards(() => {
    client.close();
  });
  return client;
}

/** What a watch says, one after the other, and how it ends. */
class Watched {
  readonly statuses: string[] = [];
  ended = false;
  failure: Error | undefined;

  constructor(stream: ClientReadableStream<HealthCheckResponse__Output>) {
    stream.on('data', ({ status }: HealthCheckResponse__Output) => this.statuses.push(status));
    stream.on('end', () => {
      this.ended = true;
    });
    stream.on('error', (error) => {
      this.failure = error;
    });
  }
}

describe('the health check', () => {
  it.each(['', 'tensorflow.serving.PredictionService', 'tensorflow.serving.ModelService'])(
    'says SERVING for "%s"',
    async (service) => {
      const { address } = await serverForTest();
      const outcome = await clientFor(address).call<HealthCheckResponse__Output>(CHECK, { service });
      expect(outcome.response).toEqual({ status: 'SERVING' });
    },
  );

  it('lists each service with its status', async () => {
    const { address } = await serverForTest();
    const outcome = await clientFor(address).call<HealthListResponse__Output>(LIST, {});
    expect(outcome.response?.statuses).toEqual({
      '': { status: 'SERVING' },
      'tensorflow.serving.PredictionService': { status: 'SERVING' },
      'tensorflow.serving.ModelService': { status: 'SERVING' },
    });
  });

  it('is NOT_FOUND for a service that is missing', async () => {
    const { address } = await serverForTest();
    const outcome = await clientFor(address).call(CHECK, { service: 'a.B' });
    expect(outcome).toMatchObject({ status: 'NOT_FOUND', details: 'unknown service "a.B"' });
  });

  it('says SERVICE_UNKNOWN to a watch of a service that is missing, and continues', async () => {
    const { address } = await serverForTest();
    const stream = clientFor(address).stream<HealthCheckResponse__Output>(WATCH, { service: 'a.B' });
    const watched = new Watched(stream);
    await until(() => watched.statuses.length > 0);
    stream.cancel();
    await until(() => watched.failure !== undefined);
    expect(watched.statuses).toEqual(['SERVICE_UNKNOWN']);
  });

  it('needs no key and no TLS on a port of its own, next to a service that has both', async () => {
    const certificate = await issueCertificate({ names: [HOSTNAME] });
    const { server, address } = await serverForTest({ tls: certificate, keys, healthPort: 0 });
    const health = clientFor(`127.0.0.1:${server.healthPort ?? 0}`);
    const overTls = clientFor(address, { root: certificate.certificate });
    expect((await health.call<HealthCheckResponse__Output>(CHECK, {})).response?.status).toBe('SERVING');
    expect((await overTls.call<HealthCheckResponse__Output>(CHECK, {})).response?.status).toBe('SERVING');
    // Nothing else is there.
    expect(await health.predict(rowRequest(1, 2, 3))).toMatchObject({
      status: 'UNIMPLEMENTED',
      details: 'method /tensorflow.serving.PredictionService/Predict is not implemented by this server',
    });
  });

  it('tells a watch when the server stops, and then ends it', async () => {
    const { server, address } = await serverForTest();
    const watched = new Watched(clientFor(address).stream(WATCH, {}));
    await until(() => watched.statuses.length > 0);
    await server.stop();
    await until(() => watched.ended || watched.failure !== undefined);
    expect(watched).toMatchObject({
      statuses: ['SERVING', 'NOT_SERVING'],
      ended: true,
      failure: undefined,
    });
  });

  it('tells a watch when the model is loaded, and rejects calls until then', async () => {
    const { model } = await serverForTest({ zip: sampleServiceDefinition()._toZip() });
    const log = new LogLines();
    const healthPort = 0;
    // Not awaited: what is of interest is what it says while it starts.
    const starting = ScoringServer.start({ model, port: 0, healthPort, log: log.log });
    await until(() => log.text.includes('"listening"'));
    const listening = JSON.parse(log.lines.find((line) => line.includes('"listening"')) ?? '{}') as {
      port: number;
    };
    const client = clientFor(`127.0.0.1:${listening.port}`);
    const watched = new Watched(client.stream(WATCH, {}));
    const early = await client.predict(rowRequest(1, 2, 3));
    const loading = await client.call<GetModelStatusResponse__Output>(STATUS, {});
    const server = await starting;
    afterwards(() => server.stop(0));
    await until(() => watched.statuses.includes('SERVING'));
    expect(watched.statuses).toEqual(['NOT_SERVING', 'SERVING']);
    expect(early).toMatchObject({
      status: 'UNAVAILABLE',
      details: 'the model is loading; retry later',
    });
    expect(loading.response?.modelVersionStatus).toMatchObject([{ state: 'LOADING' }]);
  });
});

describe('the model service', () => {
  it('reports that the model is available, and its version', async () => {
    const { address } = await serverForTest();
    const outcome = await clientFor(address).call<GetModelStatusResponse__Output>(STATUS, {
      modelSpec: { name: 'tiny' },
    });
    expect(outcome.response?.modelVersionStatus).toEqual([
      { version: 1, state: 'AVAILABLE', status: { errorCode: 'OK', errorMessage: '' } },
    ]);
  });

  it.each([
    [{ name: 'other' }, 'unknown model "other"; this server serves "tiny" (also if the name is empty)'],
    [{ version: { value: 2 } }, 'unknown version 2 of model "tiny"; this server serves 1 (number 1)'],
  ])('rejects another model: %j', async (modelSpec, details) => {
    const { address } = await serverForTest();
    const outcome = await clientFor(address).call(STATUS, { modelSpec });
    expect(outcome).toMatchObject({ status: 'NOT_FOUND', details });
  });

  it('gives a version that is no number a number, by which it can be asked for', async () => {
    const { server, model, address } = await serverForTest();
    await server.reload({ model: { ...model, version: '2024-06-01' } });
    const client = clientFor(address);
    const outcome = await client.call<GetModelStatusResponse__Output>(STATUS, {});
    const version = outcome.response?.modelVersionStatus[0].version;
    expect(version).toBeGreaterThan(0);
    const byNumber = await client.predict({
      ...rowRequest(1, 2, 3),
      modelSpec: { version: { value: version } },
    });
    const byLabel = await client.predict({
      ...rowRequest(1, 2, 3),
      modelSpec: { versionLabel: '2024-06-01' },
    });
    expect([answerOf(byNumber), answerOf(byLabel)]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });
});

describe('the metadata', () => {
  it.each([
    [
      'of arrays',
      undefined,
      { x: { name: 'x', dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: -1 }, { size: 3 }] } } },
      [{ size: -1 }, { size: 3 }],
    ],
    [
      'of images',
      () => sampleServiceDefinition()._toZip(),
      { images: { name: 'images', dtype: 'DT_STRING', tensorShape: { dim: [{ size: -1 }] } } },
      [{ size: -1 }, { size: 1000 }],
    ],
  ])('describes the inputs and outputs of a model %s', async (_, zip, inputs, outputDim) => {
    const { address } = await serverForTest(zip ? { zip: zip() } : {});
    const outcome = await clientFor(address).call<GetModelMetadataResponse__Output>(METADATA, {
      metadataField: ['signature_def'],
    });
    const any = outcome.response?.metadata.signature_def as unknown as { type_url: string; value: Buffer };
    expect(any.type_url).toBe('type.googleapis.com/tensorflow.serving.SignatureDefMap');
    const { signatureDef } = messageType<SignatureDefMap, SignatureDefMap__Output>(
      'tensorflow.serving.SignatureDefMap',
    ).deserialize(any.value);
    expect(Object.keys(signatureDef)).toEqual(['serving_default']);
    expect(signatureDef.serving_default).toMatchObject({
      inputs,
      outputs: { output_alias: { dtype: 'DT_FLOAT', tensorShape: { dim: outputDim } } },
      methodName: 'tensorflow/serving/predict',
    });
    expect(outcome.response?.modelSpec).toMatchObject({ name: 'tiny', version: { value: 1 } });
  });

  it.each([
    [[], 'metadata_field is ""; expected "signature_def"'],
    [['weights'], 'metadata_field is "weights"; expected "signature_def"'],
  ])('has no other field: %j', async (metadataField, details) => {
    const { address } = await serverForTest();
    const outcome = await clientFor(address).call(METADATA, { metadataField });
    expect(outcome).toMatchObject({ status: 'INVALID_ARGUMENT', details });
  });
});

it.each([
  ['PredictionService/Regress', 'this service classifies images; call Predict or Classify'],
  ['PredictionService/MultiInference', 'this service runs one model; call Predict or Classify'],
  [
    'ModelService/HandleReloadConfigRequest',
    'models are not changed over gRPC; apply a stack with another model, or replace the model file of ' +
      '`cdktf-brainwave serve` and send it SIGHUP',
  ],
  [
    'PredictionService/Guess',
    'method /tensorflow.serving.PredictionService/Guess is not implemented by this server',
  ],
])('%s is UNIMPLEMENTED, with what to do instead, however large the request', async (method, message) => {
  const { port } = await serverForTest();
  const client = new RawClient(port);
  afterwards(() => {
    client.close();
  });
  const answer = await client.send(`/tensorflow.serving.${method}`, framed(Buffer.alloc(100_000)));
  expect(statusOf(answer)).toEqual({ code: status.UNIMPLEMENTED, message });
});
