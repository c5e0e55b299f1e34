import { readFile } from 'node:fs/promises';

import { PredictionClient, type PredictionClientOptions } from '../../lib/client';
import { labelsFile, readImage, startSampleService, type SampleService } from './sample-service';

let service: SampleService;
let client: PredictionClient;

function clientWith(options: Partial<PredictionClientOptions> = {}): PredictionClient {
  return new PredictionClient({
    address: service.address,
    rootCertificates: service.certificate.certificate,
    key: service.keys.primaryKey,
    ...options,
  });
}

async function failureWith(
  options: Partial<PredictionClientOptions>,
  image: Uint8Array = Buffer.from('image'),
) {
  const other = clientWith(options);
  const error = await other.predictImage(image).catch((reason: unknown) => reason as Error);
  other.close();
  return error;
}

beforeAll(async () => {
  service = await startSampleService();
  client = clientWith();
}, 120_000);

afterAll(async () => {
  client.close();
  await service.close();
});

describe('the sample service', () => {
  // What TensorFlow answers with the same weights: examples/quickstart/models/README.md.
  it.each([
    ['chelsea.png', 'tiger cat', 0.399],
    ['coffee.png', 'espresso', 0.954],
    ['rocket.jpg', 'missile', 0.281],
  ])('sees %s as TensorFlow does', async (name, label, probability) => {
    const labels = (await readFile(labelsFile, 'utf8')).trimEnd().split('\n');
    const [first] = await client.classify(await readImage(name), { labels });
    expect(first.label).toContain(label);
    expect(Math.abs(first.probability - probability)).toBeLessThan(0.06);
  });

  it('scores more images than fit in one call', async () => {
    const chelsea = await readImage('chelsea.png');
    const coffee = await readImage('coffee.png');
    const images = Array.from({ length: 20 }, (_, index) => (index % 2 ? coffee : chelsea));
    const scored = await client.predictImages(images, { deadlineMs: 60_000 });
    expect(scored.map((probabilities) => probabilities.indexOf(Math.max(...probabilities)))).toEqual(
      images.map((image) => (image === coffee ? 967 : 282)),
    );
  });

  it("is called by its certificate's host name at its IP address", async () => {
    const byName = clientWith({ serverName: 'scoring.localhost' });
    await expect(byName.health()).resolves.toBe('SERVING');
    byName.close();
  });

  it('accepts the secondary key, too', async () => {
    const other = clientWith({ key: service.keys.secondaryKey });
    await expect(other.predictImage(await readImage('rocket.jpg'))).resolves.toHaveLength(1000);
    other.close();
  });

  it('describes its inputs, its outputs and its model', async () => {
    await expect(client.waitUntilReady()).resolves.toBeUndefined();
    await expect(client.modelStatus()).resolves.toMatchObject([{ version: 1, state: 'AVAILABLE' }]);
    await expect(client.modelMetadata()).resolves.toMatchObject({
      modelName: 'efficientnet-lite0',
      inputs: { images: { dtype: 'DT_STRING', shape: [-1] } },
      outputs: { output_alias: { dtype: 'DT_FLOAT', shape: [-1, 1000] } },
    });
  });
});

describe('the sample service rejects, with the reason, and serves the next call', () => {
  afterEach(async () => {
    await client.predictImage(await readImage('rocket.jpg'));
  });

  it('a call without a key', async () => {
    expect(await failureWith({ key: undefined })).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('which carried no key') as string,
    });
  });

  it('a call with a wrong key', async () => {
    const error = await failureWith({ key: 'a-wrong-key' });
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(String(error)).toContain('refused the key');
    expect(String(error)).not.toContain('a-wrong-key');
  });

  it('a truncated JPEG, and a text file', async () => {
    const truncated = (await readImage('rocket.jpg')).subarray(0, 2_000);
    for (const image of [truncated, Buffer.from('no image at all')]) {
      expect(await failureWith({}, image)).toMatchObject({
        code: 'INVALID_INPUT',
        grpcStatusName: 'INVALID_ARGUMENT',
      });
    }
  });

  it('rejects the name of another model', async () => {
    expect(await failureWith({ modelName: 'another' })).toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  it('rejects an array, because it expects images', async () => {
    await expect(client.predict({ shape: [1, 2], data: new Float32Array(2) })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'got an array, but the model takes images (DT_STRING); send encoded images with predictImage',
    });
  });

  it('a message over its limit, when the client’s is higher', async () => {
    const large = Buffer.alloc(33 * 1024 * 1024);
    expect(await failureWith({ maxMessageBytes: 2 ** 30 }, large)).toMatchObject({ code: 'INVALID_INPUT' });
  });
});
