import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { ClassificationRequest } from '../../lib/wire/proto/types/tensorflow/serving/ClassificationRequest';
import type { ClassificationResponse__Output } from '../../lib/wire/proto/types/tensorflow/serving/ClassificationResponse';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { answerOf, GrpcClient, imageRequest } from './support/grpc-client';
import { keys, startServer, type TestServer } from './support/test-server';

const CLASSIFY = 'tensorflow.serving.PredictionService/Classify';
const [cat, rocket] = ['chelsea.png', 'rocket.jpg'].map((name) =>
  readFileSync(path.resolve(__dirname, '../../examples/quickstart/images', name)),
);

let server: TestServer;
let client: GrpcClient;

beforeAll(async () => {
  server = await startServer({ zip: sampleServiceDefinition()._toZip() });
  client = new GrpcClient(server.address, { key: keys.primaryKey });
});

afterAll(async () => {
  client.close();
  await server.stop();
});

function requestOf(...images: Uint8Array[]): ClassificationRequest {
  const examples = images.map((image) => ({
    features: { feature: { 'image/encoded': { bytesList: { value: [image] } } } },
  }));
  return { input: { exampleList: { examples } } };
}

const classify = (request: ClassificationRequest) =>
  client.call<ClassificationResponse__Output>(CLASSIFY, request);

describe('Classify', () => {
  it('answers every class of each example with its label and the probability that Predict answers', async () => {
    const { response } = await classify(requestOf(cat, rocket));
    const classes = response?.result?.classifications.map((each) => each.classes) ?? [];
    const best = classes.map((each) => each.reduce((a, b) => (b.score > a.score ? b : a)).label);
    expect(best).toEqual(['tiger cat', 'missile']);
    expect(classes.flat().map(({ score }) => score)).toEqual(
      answerOf(await client.predict(imageRequest(cat, rocket))),
    );
    expect(response?.modelSpec).toMatchObject({ name: 'tiny', version: { value: 1 } });
  });

  it.each<[string, ClassificationRequest, string, RegExp]>([
    ['without examples', {}, 'INVALID_ARGUMENT', /^got no example/],
    ['of what is no image', requestOf(Buffer.from('text')), 'INVALID_ARGUMENT', /^images\[0\] /],
    ['of another model', { modelSpec: { name: 'other' } }, 'NOT_FOUND', /^unknown model "other"/],
    [
      'by another signature',
      { modelSpec: { signatureName: 'a' } },
      'INVALID_ARGUMENT',
      /unknown signature "a"/,
    ],
  ])('is rejected %s', async (_, request, status, message) => {
    expect(await classify(request)).toMatchObject({
      status,
      details: expect.stringMatching(message) as string,
    });
  });
});

it('Classify is rejected by a model without an image stage, with what to call instead', async () => {
  const arrays = await startServer();
  const other = new GrpcClient(arrays.address);
  try {
    expect(await other.call(CLASSIFY, requestOf(cat))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      details:
        'this model has no image stage to decode images; send an array with Predict, over REST to /v1/models/<name>:predict',
    });
  } finally {
    other.close();
    await arrays.stop();
  }
});
