import { status } from '@grpc/grpc-js';

import { messageType } from '../../lib/wire/proto/load';
import type {
  PredictResponse,
  PredictResponse__Output,
} from '../../lib/wire/proto/types/tensorflow/serving/PredictResponse';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { recordedCalls, type RecordedCall } from './recorded/recorded-calls';
import { GrpcClient, rowRequest } from './support/grpc-client';
import { RawClient, statusOf } from './support/raw-client';
import { keys, serverForTest, startServer, type TestServer } from './support/test-server';

/** The clients of 2018 and 2019, and OpenVINO's, as they were recorded: byte for byte, headers included. */

const calls = recordedCalls();

let images: TestServer;
let arrays: TestServer;

beforeAll(async () => {
  images = await startServer({ zip: sampleServiceDefinition()._toZip() });
  arrays = await startServer();
});

afterAll(async () => {
  await images.stop();
  await arrays.stop();
});

async function replay({ path, headers, body, call }: RecordedCall) {
  const client = new RawClient(call === 'image' ? images.port : arrays.port);
  try {
    return await client.send(path, Buffer.from(body, 'base64'), headers);
  } finally {
    client.close();
  }
}

it('the recording has an image and an array of each client', () => {
  const names = [...new Set(calls.map(({ client }) => client))];
  expect(names.map((name) => name.split(' ')[0])).toEqual([
    'azureml-contrib-brainwave',
    'azureml-accel-models',
    'ovmsclient',
  ]);
  for (const name of names) {
    expect(calls.filter(({ client }) => client === name).map(({ call }) => call)).toEqual(
      expect.arrayContaining(['image', 'array']),
    );
  }
});

it.each(calls.map((call) => [`${call.client}: ${call.call}`, call] as const))(
  '%s is served',
  async (_, call) => {
    const answer = await replay(call);
    expect(statusOf(answer)).toEqual({ code: status.OK, message: '' });
    // azureml-contrib-brainwave reads it of errors, and without it loses them.
    expect(answer.headers.request_id).toMatch(/^[\da-f-]{36}$/);
  },
);

it.each(
  calls
    .filter(({ call }) => call === 'image' || call === 'array')
    .map((call) => [`${call.client}: ${call.call}`, call] as const),
)('%s is answered in float_val of output_alias', async (_, call) => {
  const { body } = await replay(call);
  const { outputs } = messageType<PredictResponse, PredictResponse__Output>(
    'tensorflow.serving.PredictResponse',
  ).deserialize(body.subarray(5));
  expect(Object.keys(outputs)).toEqual(['output_alias']);
  const { floatVal } = outputs.output_alias;
  expect(call.call === 'array' ? floatVal : [floatVal.length]).toEqual(
    call.call === 'array' ? [1, -2, 3, 4, 5, 6] : [1000],
  );
});

it('the C# client of 2018 gets its answer with the bare key, in float_val, and sees statuses that it retries', async () => {
  const tls = await issueCertificate({ names: ['scoring.localhost'] });
  const { address, server } = await serverForTest({ tls, keys });
  const client = new GrpcClient(address, { root: tls.certificate, authorization: keys.primaryKey });
  afterwards(() => {
    client.close();
  });
  const { response } = await client.predict(rowRequest(1, 2, 3));
  expect(response?.outputs.output_alias).toMatchObject({
    floatVal: [1, 2, 3],
    tensorShape: { dim: [{ size: 1 }, { size: 3 }] },
  });
  await server.stop(0);
  expect((await client.predict(rowRequest(1, 2, 3))).status).toBe('UNAVAILABLE');
});
