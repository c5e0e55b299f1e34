import { readFileSync } from 'node:fs';
import path from 'node:path';

import { sampleServiceDefinition } from '../../support/sample-service-definition';
import { http } from '../support/http-client';
import { serverForTest, startServer, type TestServer } from '../support/test-server';

const cat = readFileSync(path.resolve(__dirname, '../../../examples/quickstart/images/chelsea.png'));

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ zip: sampleServiceDefinition()._toZip() });
});

afterAll(() => server.stop());

const score = (query = '', type = 'image/png', body: Uint8Array = cat) =>
  http(server.port, `/score${query}`, { body, headers: { 'content-type': type } });

it('an image that is posted as it is gets its five most probable classes, with labels', async () => {
  const { json } = await score();
  const { predictions } = json as { predictions: { label: string; class: number; probability: number }[] };
  expect(predictions[0]).toEqual({
    label: 'tiger cat',
    class: 282,
    probability: expect.closeTo(0.394, 2) as number,
  });
  expect(predictions).toHaveLength(5);
  const probabilities = predictions.map(({ probability }) => probability);
  expect(probabilities).toEqual([...probabilities].sort((left, right) => right - left));
});

it('top limits the classes', async () => {
  const { json } = await score('?top=2', 'application/octet-stream');
  expect((json as { predictions: object[] }).predictions).toHaveLength(2);
});

it.each<[string, Promise<unknown> | (() => ReturnType<typeof score>), number, string]>([
  [
    'JSON',
    () => score('', 'application/json'),
    415,
    'content-type is "application/json"; post the file itself',
  ],
  ['what is no image', () => score('', 'image/jpeg', Buffer.from('text')), 400, 'images[0] '],
  ['top=0', () => score('?top=0'), 400, 'top is "0"; expected a whole number of at least 1'],
])('%s is rejected', async (_, send, status, message) => {
  const response = await (send as () => ReturnType<typeof score>)();
  expect(response.json).toEqual({ error: expect.stringContaining(message) as string });
  expect(response.status).toBe(status);
});

it('a model without an image stage says what to call instead', async () => {
  const arrays = await serverForTest();
  expect((await http(arrays.port, '/score', { body: cat })).json).toEqual({
    error:
      'this model has no image stage to decode images; send an array with Predict, over REST to /v1/models/<name>:predict',
  });
});
