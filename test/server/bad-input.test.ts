import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';

import type { TensorProto } from '../../lib/wire/proto/types/tensorflow/TensorProto';
import type { PredictRequest } from '../../lib/wire/proto/types/tensorflow/serving/PredictRequest';
import { imagesToProto, tensorToProto } from '../../lib/wire/tensor-proto';
import { issueCertificate, type IssuedCertificate } from '../support/certificates';
import { sampleImage, sampleServiceDefinition, TIGER_CAT } from '../support/sample-service-definition';
import {
  answerOf,
  GrpcClient,
  HOSTNAME,
  imageRequest,
  rowRequest,
  type Outcome,
} from './support/grpc-client';
import { keys, startServer, type TestServer } from './support/test-server';

const chelsea = sampleImage('chelsea.png');
const rocket = sampleImage('rocket.jpg');

let certificate: IssuedCertificate;
let sample: TestServer;
let client: GrpcClient;

beforeAll(async () => {
  certificate = await issueCertificate({ names: [HOSTNAME] });
  sample = await startServer({
    zip: sampleServiceDefinition()._toZip(),
    modelName: 'efficientnet-lite0',
    tls: certificate,
    keys,
    maxMessageBytes: 4 * 1024 * 1024,
    limits: { workers: 1, maxImagePixels: 1_000_000 },
  });
  client = new GrpcClient(sample.address, { root: certificate.certificate, key: keys.primaryKey });
});

afterAll(async () => {
  client.close();
  await sample.stop();
});

/** The next call is served as if nothing had been. */
async function expectGoodCall(): Promise<void> {
  const outcome = await client.predict(imageRequest(chelsea));
  const probabilities = answerOf(outcome);
  expect(outcome.status).toBe('OK');
  expect(probabilities.indexOf(Math.max(...probabilities))).toBe(TIGER_CAT);
}

async function withClient<T>(
  options: ConstructorParameters<typeof GrpcClient>[1],
  work: (other: GrpcClient) => Promise<T>,
): Promise<T> {
  const other = new GrpcClient(sample.address, options);
  try {
    return await work(other);
  } finally {
    other.close();
  }
}

function expectRefusal(outcome: Outcome<unknown>, status: string, message: string | RegExp): void {
  expect({ status: outcome.status, details: outcome.details }).toEqual({
    status,
    details: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
  });
}

describe('keys', () => {
  const root = () => certificate.certificate;

  it('are required: a call without one is rejected, and the next valid call is served', async () => {
    const outcome = await withClient({ root: root() }, (other) => other.predict(imageRequest(chelsea)));
    expectRefusal(
      outcome,
      'UNAUTHENTICATED',
      'the call has no key; send the primary or the secondary key as "authorization" metadata',
    );
    await expectGoodCall();
  });

  it.each([
    ['wrong', 'some-other-key-that-nobody-gave'],
    ['nearly right', keys.primaryKey.slice(0, -1)],
    ['empty after Bearer', 'Bearer '],
    ['of another scheme', `Basic ${keys.primaryKey}`],
  ])('are rejected when %s, and the next valid call is served', async (_, authorization) => {
    const outcome = await withClient({ root: root(), authorization }, (other) =>
      other.predict(imageRequest(chelsea)),
    );
    expectRefusal(
      outcome,
      'UNAUTHENTICATED',
      /^(the key is invalid; send the primary or the secondary key of this service|the call has no key; .*)$/,
    );
    await expectGoodCall();
  });

  it.each([
    ['the primary', keys.primaryKey],
    ['the secondary', keys.secondaryKey],
    ['Bearer and the primary', `Bearer ${keys.primaryKey}`],
    ['bearer and the secondary', `bearer ${keys.secondaryKey}`],
  ])('open the service: %s', async (_, authorization) => {
    const outcome = await withClient({ root: root(), authorization }, (other) =>
      other.predict(imageRequest(chelsea)),
    );
    expect(outcome.status).toBe('OK');
  });

  it('are asked for by every method but the health check', async () => {
    await withClient({ root: root() }, async (other) => {
      const health = await other.call('grpc.health.v1.Health/Check', {});
      const status = await other.call('tensorflow.serving.ModelService/GetModelStatus', {});
      const metadata = await other.call('tensorflow.serving.PredictionService/GetModelMetadata', {});
      expect([health.status, status.status, metadata.status]).toEqual([
        'OK',
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
      ]);
    });
  });

  it('do not travel to a TLS server over plaintext: the connection fails, and the next good call is served', async () => {
    const outcome = await withClient({ key: keys.primaryKey }, (other) =>
      other.predict(imageRequest(chelsea)),
    );
    expect(outcome.status).toBe('UNAVAILABLE');
    await expectGoodCall();
  });
});

describe('images', () => {
  it.each<[string, () => Uint8Array, RegExp]>([
    [
      'a truncated JPEG',
      () => rocket.subarray(0, rocket.length / 2),
      /^images\[0\] is truncated or damaged .*; send the whole file$/,
    ],
    ['a JPEG of 100 bytes', () => rocket.subarray(0, 100), /^images\[0\] .*send the whole file$/],
    [
      'a truncated PNG',
      () => chelsea.subarray(0, chelsea.length - 2000),
      /^images\[0\] is truncated or damaged/,
    ],
    [
      'a text file',
      () => Buffer.from('Dear server, please find no image enclosed.'),
      /^images\[0\] is text; /,
    ],
    ['0 bytes', () => new Uint8Array(), /^images\[0\] is empty \(0 bytes\); /],
    [
      'random bytes',
      () => Buffer.concat([Buffer.from([0]), randomBytes(5000)]),
      /^images\[0\] is not an image; /,
    ],
    [
      'a decompression bomb',
      () => pngBomb(20_000, 20_000),
      /^images\[0\] .*20000.*20000.*1000000.*; scale it down before sending$/,
    ],
  ])('rejects %s with the reason, and serves the next valid call', async (_, image, message) => {
    expectRefusal(await client.predict(imageRequest(image())), 'INVALID_ARGUMENT', message);
    await expectGoodCall();
  });

  it('reports which of several images is invalid', async () => {
    const outcome = await client.predict(imageRequest(rocket, rocket, Buffer.from('no image')));
    expectRefusal(outcome, 'INVALID_ARGUMENT', /^images\[2\] is text/);
    await expectGoodCall();
  });

  it('rejects 100 in one request, with the number it takes, and serves the next good call', async () => {
    const images = Array.from({ length: 100 }, () => rocket.subarray(0, 20_000));
    expectRefusal(
      await client.predict(imageRequest(...images)),
      'INVALID_ARGUMENT',
      'got a batch of 100, expected at most 64; split it into several requests',
    );
    await expectGoodCall();
  });

  it('rejects none in a request', async () => {
    expectRefusal(
      await client.predict(imageRequest()),
      'INVALID_ARGUMENT',
      'got an empty batch; send at least one image',
    );
    await expectGoodCall();
  });

  it('scores several in their order', async () => {
    const both = answerOf(await client.predict(imageRequest(chelsea, rocket)));
    const first = both.slice(0, both.length / 2);
    const second = both.slice(both.length / 2);
    expect([first, second].map((row) => row.indexOf(Math.max(...row)))).toEqual([TIGER_CAT, 657]);
  });
});

describe('a message over the size limit', () => {
  it('is rejected with both sizes, and the next good call is served', async () => {
    const images = Array.from({ length: 6 }, () => randomBytes(1024 * 1024));
    expectRefusal(
      await client.predict(imageRequest(...images)),
      'RESOURCE_EXHAUSTED',
      /^the message is 629\d{4} bytes, expected at most 4194304; send fewer images per call$/,
    );
    await expectGoodCall();
  });

  it('is rejected by what it is before compression, and the next good call is served', async () => {
    const outcome = await withClient(
      { root: certificate.certificate, key: keys.primaryKey, gzip: true },
      (other) => other.predict(imageRequest(Buffer.alloc(50 * 1024 * 1024))),
    );
    expectRefusal(
      outcome,
      'RESOURCE_EXHAUSTED',
      'the message is more than 4194304 bytes when decompressed, expected at most 4194304; send fewer images per call',
    );
    await expectGoodCall();
  });
});

describe('a request for a model of images', () => {
  const input = imagesToProto([chelsea]);
  const array = tensorToProto({ shape: [1, 2], data: new Float32Array(2) });

  it.each<[string, PredictRequest, string, string | RegExp]>([
    ['no input', {}, 'INVALID_ARGUMENT', 'the request has no input; expected one input, "images"'],
    [
      'a wrong input name',
      { inputs: { image: input } },
      'INVALID_ARGUMENT',
      'the request has the input "image"; expected one input, "images"',
    ],
    [
      'an input too many',
      { inputs: { images: input, more: input } },
      'INVALID_ARGUMENT',
      'the request has the inputs "images", "more"; expected one input, "images"',
    ],
    [
      'an array of another shape',
      { inputs: { images: array } },
      'INVALID_ARGUMENT',
      'got an array of shape [1, 2], expected [n, 224, 224, 3] with n as the batch',
    ],
    [
      'a wrong type',
      { inputs: { images: { ...array, dtype: 'DT_INT64' } } },
      'INVALID_ARGUMENT',
      /^input "images" is DT_INT64; expected DT_STRING/,
    ],
    [
      'a shape of two dimensions',
      { inputs: { images: { ...input, tensorShape: { dim: [{ size: 1 }, { size: 2 }] } } } },
      'INVALID_ARGUMENT',
      'got images in a tensor of shape [1, 2], expected [n] or [n, 1]; send a list of encoded images',
    ],
    [
      'a shape of another number',
      { inputs: { images: { ...input, tensorShape: { dim: [{ size: 3 }] } } } },
      'INVALID_ARGUMENT',
      /^got 1 images in a tensor of shape \[3\], expected 3/,
    ],
    [
      'rejects the name of another model',
      { modelSpec: { name: 'resnet50' }, inputs: { images: input } },
      'NOT_FOUND',
      'unknown model "resnet50"; this server serves "efficientnet-lite0" (also if the name is empty)',
    ],
    [
      'another version',
      { modelSpec: { version: { value: 7 } }, inputs: { images: input } },
      'NOT_FOUND',
      'unknown version 7 of model "efficientnet-lite0"; this server serves 1 (number 1)',
    ],
    [
      'another version label',
      { modelSpec: { versionLabel: 'stable' }, inputs: { images: input } },
      'NOT_FOUND',
      'unknown version label "stable" of model "efficientnet-lite0"; expected "1", or no version for the latest',
    ],
    [
      'another signature',
      { modelSpec: { signatureName: 'regress' }, inputs: { images: input } },
      'INVALID_ARGUMENT',
      'unknown signature "regress"; expected "serving_default"',
    ],
    [
      'another output',
      { outputFilter: ['output_alias', 'logits'], inputs: { images: input } },
      'INVALID_ARGUMENT',
      'unknown output "logits"; expected "output_alias"',
    ],
  ])('with %s is rejected, and the next good call is served', async (_, request, status, message) => {
    expectRefusal(await client.predict(request), status, message);
    await expectGoodCall();
  });

  it('may name the model, its version, the signature and the output', async () => {
    const outcome = await client.predict({
      modelSpec: { name: 'efficientnet-lite0', version: { value: 1 }, signatureName: 'serving_default' },
      outputFilter: ['output_alias'],
      inputs: { images: input },
    });
    expect(outcome.status).toBe('OK');
    expect(outcome.response?.modelSpec).toMatchObject({ name: 'efficientnet-lite0', version: { value: 1 } });
  });

  it('gets a message of bearable length when it quotes megabytes', async () => {
    const outcome = await client.predict({ modelSpec: { name: 'ü'.repeat(1024 * 1024) } });
    expectRefusal(outcome, 'NOT_FOUND', /^unknown model "ü+…$/);
    expect(outcome.details.length).toBeLessThanOrEqual(1024);
    await expectGoodCall();
  });
});

describe('a request for a model of arrays', () => {
  let tiny: TestServer;
  let tinyClient: GrpcClient;

  beforeAll(async () => {
    tiny = await startServer();
    tinyClient = new GrpcClient(tiny.address);
  });

  afterAll(async () => {
    tinyClient.close();
    await tiny.stop();
  });

  const tensor = tensorToProto({ shape: [1, 3], data: new Float32Array(3) });

  it.each<[string, PredictRequest, RegExp]>([
    [
      'a wrong input name',
      { inputs: { y: tensor } },
      /^the request has the input "y"; expected one input, "x"$/,
    ],
    [
      'images',
      { inputs: { x: imagesToProto([chelsea]) } },
      /^input "x" is DT_STRING; expected DT_FLOAT, .* \(this model has no image stage to decode images\)$/,
    ],
    [
      'a wrong type',
      { inputs: { x: { ...tensor, dtype: 'DT_INT64' } } },
      /^input "x" is DT_INT64; expected DT_FLOAT, or DT_DOUBLE, DT_HALF or DT_UINT8, which are converted$/,
    ],
    [
      'a wrong shape',
      { inputs: { x: tensorToProto({ shape: [2, 2], data: new Float32Array(4) }) } },
      /^got an array of shape \[2, 2\], expected \[n, 3\] with n as the batch$/,
    ],
    [
      'a shape that its content does not have',
      { inputs: { x: { ...tensor, tensorShape: { dim: [{ size: 2 }, { size: 3 }] } } } },
      /^got 12 bytes of tensor_content for a tensor of shape \[2, 3\], expected 24/,
    ],
    [
      'a shape of billions, in one repeated value',
      {
        inputs: {
          x: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: 4e9 }, { size: 3 }] }, floatVal: [1] },
        },
      },
      /^got a tensor of shape \[4000000000, 3\], which has 12000000000 elements, expected at most/,
    ],
    ['NaN', rowRequest(1, NaN, 3), /^got NaN at \[0, 1\]; send finite numbers$/],
    ['infinity', rowRequest(1, 2, 3, 4, 5, -Infinity), /^got -Infinity at \[1, 2\]; send finite numbers$/],
    ['100 rows', rowRequest(...new Array<number>(300).fill(1)), /^got a batch of 100, expected at most 64/],
  ])('with %s is rejected, and the next good call is served', async (_, request, message) => {
    expectRefusal(await tinyClient.predict(request), 'INVALID_ARGUMENT', message);
    expect(answerOf(await tinyClient.predict(rowRequest(1, -2, 3)))).toEqual([1, -2, 3]);
  });

  it.each<[string, TensorProto]>([
    ['bytes', { dtype: 'DT_UINT8', tensorContent: Buffer.of(4, 5, 6) }],
    ['doubles', { dtype: 'DT_DOUBLE', doubleVal: [4, 5, 6] }],
    ['halves', { dtype: 'DT_HALF', halfVal: [0x4400, 0x4500, 0x4600] }],
  ])('may carry %s', async (_, proto) => {
    const tensorShape = { dim: [{ size: 1 }, { size: 3 }] };
    const outcome = await tinyClient.predict({ inputs: { x: { ...proto, tensorShape } } });
    expect(answerOf(outcome)).toEqual([4, 5, 6]);
  });

  it('may call its only input "images", as Azure ML’s clients do', async () => {
    const images = tensorToProto({ shape: [1, 3], data: Float32Array.of(1, 2, 3) });
    expect(answerOf(await tinyClient.predict({ inputs: { images } }))).toEqual([1, 2, 3]);
  });

  it('may ask for version 0, which is the latest', async () => {
    const outcome = await tinyClient.predict({
      ...rowRequest(1, 2, 3),
      modelSpec: { name: 'tiny', version: { value: 0 } },
    });
    expect(answerOf(outcome)).toEqual([1, 2, 3]);
    expect(outcome.response?.modelSpec?.version).toEqual({ value: 1 });
  });

  it('is answered in float_val, as TensorFlow Serving does it', async () => {
    const { response } = await tinyClient.predict(rowRequest(1, 2, 3));
    const { floatVal, tensorContent } = response?.outputs.output_alias ?? {};
    expect({ floatVal, bytes: tensorContent?.length }).toEqual({ floatVal: [1, 2, 3], bytes: 0 });
  });

  it('may carry its numbers as float_val', async () => {
    const outcome = await tinyClient.predict({
      inputs: {
        x: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: 1 }, { size: 3 }] }, floatVal: [4, 5, 6] },
      },
    });
    expect(answerOf(outcome)).toEqual([4, 5, 6]);
  });

  it('is served with a key over plaintext, where keys are not checked, and the server has said so', async () => {
    const withKey = new GrpcClient(tiny.address, { key: 'any' });
    const outcome = await withKey.predict(rowRequest(1, 2, 3));
    withKey.close();
    expect(outcome.status).toBe('OK');
    expect(tiny.log.entries).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'TLS is disabled: keys are not checked, and anyone who can connect to this address can call',
      }),
    );
  });
});

describe('a call that is abandoned', () => {
  it('at its deadline during inference gets DEADLINE_EXCEEDED, and the next valid call is served', async () => {
    const images = Array.from({ length: 30 }, () => rocket);
    const outcome = await client.predict(imageRequest(...images), {
      deadline: Date.now() + 300,
    });
    expect(outcome.status).toBe('DEADLINE_EXCEEDED');
    await expectGoodCall();
  });

  it('by the caller during inference is CANCELLED in the log, and the next good call is served', async () => {
    const requestId = 'cancelled-during-inference';
    const outcome = client.predict(imageRequest(...Array.from({ length: 30 }, () => rocket)), {
      headers: { 'x-request-id': requestId },
      onCall: (call) =>
        setTimeout(() => {
          call.cancel();
        }, 200),
    });
    expect((await outcome).status).toBe('CANCELLED');
    await expectGoodCall();
    expect(sample.log.call(requestId)).toMatchObject({
      status: 'CANCELLED',
      reason: 'the caller canceled the call',
    });
  });
});

describe('the log', () => {
  it('has one JSON line a call, with the request id that went back to the caller', async () => {
    const outcome = await client.predict(imageRequest(chelsea), {
      headers: { 'x-request-id': 'trace-7.a:b' },
    });
    expect(outcome.headers.get('x-request-id')).toEqual(['trace-7.a:b']);
    expect(sample.log.call('trace-7.a:b')).toMatchObject({
      level: 'info',
      method: '/tensorflow.serving.PredictionService/Predict',
      status: 'OK',
    });
    const own = await client.predict(imageRequest(chelsea));
    const [requestId] = own.headers.get('x-request-id').map(String);
    expect(sample.log.call(requestId)).toMatchObject({ status: 'OK' });
  });

  // Runs last: the log has all of the above in it.
  it('never contains a key, a certificate, a private key or an image', () => {
    const { text } = sample.log;
    expect(sample.log.lines.length).toBeGreaterThan(50);
    expect(text).toContain('UNAUTHENTICATED');
    for (const secret of [
      ...[keys.primaryKey, keys.secondaryKey, 'some-other-key-that-nobody-gave'],
      ...['BEGIN', certificate.privateKey.split('\n')[1], certificate.certificate.split('\n')[1]],
      ...['IHDR', 'JFIF', chelsea.toString('base64').slice(0, 16), 'Dear server'],
    ]) {
      expect(text).not.toContain(secret);
    }
  });
});

/** A small PNG that says it has so many pixels. */
function pngBomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  // One bit a pixel, and a byte before each line.
  const lines = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 9 });
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', lines),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const chunk = Buffer.alloc(8 + named.length);
  chunk.writeUInt32BE(content.length, 0);
  named.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(named), 4 + named.length);
  return chunk;
}

function crc32(bytes: Uint8Array): number {
  let remainder = ~0;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
    }
  }
  return ~remainder >>> 0;
}
