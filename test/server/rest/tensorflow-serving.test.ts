import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { sampleServiceDefinition } from '../../support/sample-service-definition';
import { http } from '../support/http-client';
import { startServer, type TestServer } from '../support/test-server';

const [cat, rocket] = ['chelsea.png', 'rocket.jpg'].map((name) =>
  readFileSync(path.resolve(__dirname, '../../../examples/quickstart/images', name)),
);

let arrays: TestServer;
let images: TestServer;

beforeAll(async () => {
  [arrays, images] = await Promise.all([
    startServer({ modelVersion: '7' }),
    startServer({ zip: sampleServiceDefinition()._toZip() }),
  ]);
});

afterAll(() => Promise.all([arrays.stop(), images.stop()]));

const predict = (body: object, model = 'tiny') => http(arrays.port, `/v1/models/${model}:predict`, { body });

describe('predict', () => {
  it.each([
    [
      'rows',
      {
        instances: [
          [1, 2, 3],
          [4, 5, 6.5],
        ],
      },
      {
        predictions: [
          [1, 2, 3],
          [4, 5, 6.5],
        ],
      },
    ],
    ['named rows', { instances: [{ x: [1, 2, 3] }] }, { predictions: [[1, 2, 3]] }],
    ['columns', { inputs: [[1, 2, 3]] }, { outputs: [[1, 2, 3]] }],
    ['named columns', { inputs: { x: [[1, 2, 3]] } }, { outputs: [[1, 2, 3]] }],
    [
      'the default signature',
      { signature_name: 'serving_default', inputs: [[1, 2, 3]] },
      { outputs: [[1, 2, 3]] },
    ],
  ])('answers %s in their format', async (_, body, answer) => {
    const response = await predict(body);
    expect(response.json).toEqual(answer);
    expect(response).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
  });

  it.each(['tiny', 'tiny/versions/7', 'tiny/versions/0', 'tiny/labels/7', 'tin%79'])(
    'serves the model %s',
    async (model) => {
      expect(await predict({ instances: [[1, 2, 3]] }, model)).toMatchObject({ status: 200 });
    },
  );

  it('scores base64 images, one per instance, with the probabilities in rows', async () => {
    const instances = [cat, rocket].map((image) => ({ b64: image.toString('base64') }));
    const { json } = await http(images.port, '/v1/models/tiny:predict', { body: { instances } });
    const { predictions } = json as { predictions: number[][] };
    const best = predictions.map((row) => row.indexOf(Math.max(...row)));
    expect(best).toEqual([282, 657]);
    const named = { inputs: { images: instances } };
    expect((await http(images.port, '/v1/models/tiny:predict', { body: named })).json).toEqual({
      outputs: predictions,
    });
  });

  it('decompresses the body', async () => {
    const body = gzipSync(JSON.stringify({ instances: [[1, 2, 3]] }));
    const headers = { 'content-encoding': 'gzip' };
    expect(await http(arrays.port, '/v1/models/tiny:predict', { body, headers })).toMatchObject({
      status: 200,
    });
  });

  it.each<[object | Uint8Array, string, number, string]>([
    [{}, 'tiny', 400, 'the body has neither "instances" nor "inputs"; send one of them'],
    [{ instances: [], inputs: [] }, 'tiny', 400, 'the body has "instances" and "inputs"; send one of them'],
    [
      { instances: [] },
      'tiny',
      400,
      '"instances" is not a list of at least one instance; send one instance per image',
    ],
    [
      { instances: [{ x: [1, 2, 3] }, { y: 1 }] },
      'tiny',
      400,
      'instances[1] does not have the inputs of instances[0], x; send the same inputs in every instance',
    ],
    [{ instances: [[1, 2]] }, 'tiny', 400, 'got an array of shape [1, 2], expected [n, 3]'],
    [{ instances: ['text'] }, 'tiny', 400, 'instances contains a string; send images as {"b64": "<base64>"}'],
    [
      { instances: [{ b64: '!!' }] },
      'tiny',
      400,
      'instances[0].b64 is not base64; encode the image as base64, without line breaks',
    ],
    [
      { instances: [{ b64: 'AAAA' }, [1]] },
      'tiny',
      400,
      'instances[1] is not an encoded image; send {"b64": "<base64>"}',
    ],
    [{ instances: [{ b64: 'AAAA' }] }, 'tiny', 400, 'this model has no image stage to decode images'],
    [
      { inputs: { a: [[1]], b: [[1]] } },
      'tiny',
      400,
      'the request has the inputs "a", "b"; expected one input, "x"',
    ],
    [{ instances: [[1, 2, 3]] }, 'other', 404, 'unknown model "other"'],
    [{ instances: [[1, 2, 3]] }, 'tiny/versions/8', 404, 'unknown version 8 of model "tiny"'],
    [{ instances: [[1, 2, 3]] }, 'tiny/labels/stable', 404, 'unknown version label "stable"'],
    [{ signature_name: 'a', inputs: [[1, 2, 3]] }, 'tiny', 400, 'unknown signature "a"'],
    [Buffer.from('{"instances": [[secret]]}'), 'tiny', 400, 'the body is not valid JSON; send a JSON object'],
    [Buffer.from('[1]'), 'tiny', 400, 'the body is not a JSON object; send a JSON object'],
    [Buffer.alloc(0), 'tiny', 400, 'the body is empty; send a JSON object'],
  ])('rejects %j to %s with %d', async (body, model, status, message) => {
    const response = await predict(body, model);
    expect(response.json).toEqual({ error: expect.stringContaining(message) as string });
    expect(response.status).toBe(status);
  });
});

it('the model status is that of ModelService', async () => {
  const { json } = await http(arrays.port, '/v1/models/tiny');
  const status = { error_code: 'OK', error_message: '' };
  expect(json).toEqual({ model_version_status: [{ version: '7', state: 'AVAILABLE', status }] });
});

it('the metadata describes inputs and outputs as TensorFlow Serving does', async () => {
  const { json } = await http(arrays.port, '/v1/models/tiny/versions/7/metadata');
  expect(json).toMatchObject({
    model_spec: { name: 'tiny', version: '7' },
    metadata: {
      signature_def: {
        signature_def: {
          serving_default: {
            inputs: { x: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: '-1' }, { size: '3' }] } } },
            method_name: 'tensorflow/serving/predict',
          },
        },
      },
    },
  });
});

it.each([
  ['/v1/models/tiny:predict', 'GET', 405, 'GET is not allowed here; expected POST'],
  ['/v1/models/tiny:regress', 'POST', 404, 'the path is unknown; POST an image to /score'],
  ['/v1/models/%ff', 'GET', 400, 'the path is not valid percent-encoding'],
  ['/', 'GET', 404, 'the path is unknown'],
])('%s %s is rejected with %d', async (target, verb, status, message) => {
  const response = await http(arrays.port, target, { verb });
  expect(response.json).toEqual({ error: expect.stringContaining(message) as string });
  expect(response.status).toBe(status);
});
