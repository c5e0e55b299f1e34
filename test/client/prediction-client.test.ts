import { status as GrpcStatus } from '@grpc/grpc-js';

import {
  CancelledError,
  InvalidInputError,
  PredictionClient,
  type PredictionClientOptions,
} from '../../lib/client';
import { tensorFromProto, tensorToProto } from '../../lib/wire/tensor-proto';
import { issueCertificate } from '../support/certificates';
import {
  metadataOf,
  probabilities,
  startGrpcPeer,
  type Answers,
  type GrpcPeerOptions,
  type Peer,
} from './peers';

const image = Buffer.from('image');
const KEY = 'a-key-that-nobody-may-see';

const peers: Peer[] = [];
const clients: PredictionClient[] = [];

afterEach(async () => {
  clients.splice(0).forEach((client) => {
    client.close();
  });
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function connected(
  answers: Answers,
  options: Partial<PredictionClientOptions> = {},
  peerOptions: GrpcPeerOptions = {},
): Promise<PredictionClient> {
  const peer = await startGrpcPeer(answers, peerOptions);
  peers.push(peer);
  const client = new PredictionClient({
    address: peer.address,
    plaintext: !peerOptions.certificate,
    ...options,
  });
  clients.push(client);
  return client;
}

describe('encoded images', () => {
  it('are scored one by one, with the probability of each class', async () => {
    const client = await connected({ predict: probabilities(0.25, 0.75) });
    await expect(client.predictImage(image)).resolves.toEqual(new Float32Array([0.25, 0.75]));
  });

  it('are sent as the protocol requires', async () => {
    const requests: unknown[] = [];
    const client = await connected(
      {
        predict: (call, answer) => {
          requests.push(call.request.modelSpec?.name, call.request.inputs.images);
          probabilities(1)(call, answer);
        },
      },
      { modelName: 'sample' },
    );
    await client.predictImage(image);
    expect(requests).toMatchObject([
      'sample',
      { dtype: 'DT_STRING', tensorShape: { dim: [{ size: 1 }] }, stringVal: [image] },
    ]);
  });

  it('are split into calls by a limit on bytes and answered in order', async () => {
    const calls: number[] = [];
    const client = await connected(
      {
        predict: (call, answer) => {
          const { stringVal } = call.request.inputs.images;
          calls.push(stringVal.length);
          const data = Float32Array.from(stringVal, ([first]) => first);
          answer(null, { outputs: { output_alias: tensorToProto({ shape: [data.length, 1], data }) } });
        },
      },
      { maxBatchBytes: 20 },
    );
    const images = Array.from({ length: 9 }, (_, index) => new Uint8Array(10).fill(index));
    const scored = await client.predictImages(images);
    expect(scored.map(([first]) => first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(calls.sort()).toEqual([1, 2, 2, 2, 2]);
  });

  it('may be none', async () => {
    const client = await connected({});
    await expect(client.predictImages([])).resolves.toEqual([]);
  });

  it('are rejected before they are sent when one has 0 bytes', async () => {
    const client = await connected({ predict: probabilities(1) });
    await expect(client.predictImages([image, new Uint8Array(0)])).rejects.toThrow(
      new InvalidInputError('image 2 of 2 has 0 bytes, expected an encoded image (JPEG, PNG, …)'),
    );
  });

  it('are rejected before they are sent when the message would be too large', async () => {
    const client = await connected({ predict: probabilities(1) }, { maxMessageBytes: 1_000 });
    await expect(client.predictImage(new Uint8Array(2_000))).rejects.toThrow(
      /^got a request of 2,0\d\d bytes, expected at most 1,000; send smaller images or arrays, fewer at once, or raise maxMessageBytes and the limit of the server$/,
    );
  });

  it('are classified with labels', async () => {
    const client = await connected({ predict: probabilities(0.25, 0.5, 0.125) });
    await expect(client.classify(image, { labels: ['cat', 'dog', 'cup'], top: 1 })).resolves.toEqual([
      { classIndex: 1, label: 'dog', probability: 0.5 },
    ]);
  });
});

describe('an array', () => {
  const tensor = { shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) };
  const double: Required<Answers>['predict'] = (call, answer) => {
    const { shape, data } = tensorFromProto(call.request.inputs.features);
    answer(null, { outputs: { output_alias: tensorToProto({ shape, data: data.map((x) => 2 * x) }) } });
  };

  it('is sent as the input in the metadata, which is requested once', async () => {
    let asked = 0;
    const client = await connected({
      predict: double,
      metadata: (call, answer) => {
        asked++;
        metadataOf({ features: 'DT_FLOAT' })(call, answer);
      },
    });
    const doubled = { shape: [2, 2], data: new Float32Array([2, 4, 6, 8]) };
    await expect(client.predict(tensor)).resolves.toEqual(doubled);
    await expect(client.predict(tensor)).resolves.toEqual(doubled);
    expect(asked).toBe(1);
  });

  it('is sent as the input that the caller sets, without requesting metadata', async () => {
    const client = await connected({ predict: double }, { inputName: 'features' });
    await expect(client.predict(tensor)).resolves.toMatchObject({ shape: [2, 2] });
  });

  it('is rejected when its shape and its elements differ', async () => {
    const client = await connected({}, { inputName: 'features' });
    await expect(client.predict({ shape: [3], data: new Float32Array(2) })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message:
        'got 2 floats for a tensor of shape [3], expected 3; pass as many elements as the product of the shape',
    });
  });

  it('is rejected if the model expects images', async () => {
    const client = await connected({ metadata: metadataOf({ images: 'DT_STRING' }) });
    await expect(client.predict(tensor)).rejects.toThrow(
      'got an array, but the model takes images (DT_STRING); send encoded images with predictImage',
    );
  });

  it('is rejected if the model expects several inputs', async () => {
    const client = await connected({ metadata: metadataOf({ left: 'DT_FLOAT', right: 'DT_FLOAT' }) });
    await expect(client.predict(tensor)).rejects.toThrow(
      'the model takes several arrays (left, right); set inputName to one of them',
    );
  });
});

describe('a model', () => {
  it('describes its inputs and outputs', async () => {
    const client = await connected({ metadata: metadataOf({ images: 'DT_STRING' }) });
    await expect(client.modelMetadata()).resolves.toEqual({
      modelName: 'sample',
      modelVersion: 3,
      inputs: { images: { dtype: 'DT_STRING', shape: [-1] } },
      outputs: { output_alias: { dtype: 'DT_FLOAT', shape: [-1, 3] } },
    });
  });

  it('reports the state of its versions', async () => {
    const client = await connected({
      status: (_, answer) => {
        answer(null, {
          modelVersionStatus: [{ version: 3, state: 'LOADING', status: { errorMessage: 'reading' } }],
        });
      },
    });
    await expect(client.modelStatus()).resolves.toEqual([
      { version: 3, state: 'LOADING', message: 'reading' },
    ]);
  });

  it('is rejected if its metadata has no signature', async () => {
    const client = await connected({
      metadata: (_, answer) => {
        answer(null, {});
      },
    });
    await expect(client.modelMetadata()).rejects.toThrow(
      'got model metadata without a signature, expected one; pass inputName, so that no metadata is needed',
    );
  });
});

describe('rejects an invalid response', () => {
  it.each<[string, Required<Answers>['predict'], string]>([
    [
      'because the output has another name',
      (_, answer) => {
        answer(null, { outputs: { scores: tensorToProto({ shape: [1, 1], data: new Float32Array(1) }) } });
      },
      'got the outputs scores, expected "output_alias"; set outputName to the output that contains the probabilities',
    ],
    [
      'because it is for another number of images',
      (_, answer) => {
        answer(null, {
          outputs: { output_alias: tensorToProto({ shape: [2, 1], data: new Float32Array(2) }) },
        });
      },
      'got an output of shape [2, 1] for 1 images, expected [1, classes]; check that the service classifies images',
    ],
    [
      'because its type is another',
      (_, answer) => {
        answer(null, { outputs: { output_alias: { dtype: 'DT_INT64' } } });
      },
      'the output "output_alias" cannot be read: got a tensor of DT_INT64, expected DT_FLOAT (or DT_DOUBLE, DT_HALF or DT_UINT8, which are converted); send 32-bit floats',
    ],
  ])('is rejected %s', async (_, predict, message) => {
    const client = await connected({ predict });
    await expect(client.predictImage(image)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE', message });
  });
});

describe('the key', () => {
  it('travels as authorization metadata over TLS', async () => {
    const certificate = await issueCertificate({ names: ['127.0.0.1'] });
    let sent: unknown;
    const client = await connected(
      {
        predict: (call, answer) => {
          sent = call.metadata.get('authorization');
          probabilities(1)(call, answer);
        },
      },
      { key: KEY, rootCertificates: certificate.certificate },
      { certificate },
    );
    await client.predictImage(image);
    expect(sent).toEqual([KEY]);
  });

  it('is never sent over plaintext, unless that is allowed', () => {
    const over = (allowKeyOverPlaintext?: boolean) => () =>
      new PredictionClient({ address: '127.0.0.1:1', plaintext: true, key: KEY, allowKeyOverPlaintext });
    expect(over()).toThrow(
      new InvalidInputError(
        'got a key together with plaintext, which would reveal the key to anyone on the network path; ' +
          'use TLS, omit the key (without TLS the service does not check it), or set allowKeyOverPlaintext',
      ),
    );
    expect(over(true)).not.toThrow();
  });

  it.each(['', `${KEY}\n`, 'two words', 'schlüssel'])(
    'is rejected, without being shown, if it is invalid: %j',
    (bad) => {
      const make = () => new PredictionClient({ address: '127.0.0.1:1', key: bad });
      expect(make).toThrow(
        new InvalidInputError(
          `got a key of ${bad.length} characters that is empty or contains spaces, line breaks or characters outside ` +
            'of ASCII; pass only the key, without the line break at the end of its file',
        ),
      );
    },
  );

  it('is not in the error of a server that repeats it', async () => {
    const certificate = await issueCertificate({ names: ['127.0.0.1'] });
    const client = await connected(
      {
        predict: (_, answer) => {
          answer({ code: GrpcStatus.UNAUTHENTICATED, details: `no such key: ${KEY}` });
        },
      },
      { key: KEY, rootCertificates: certificate.certificate },
      { certificate },
    );
    const error = await client.predictImage(image).catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(JSON.stringify(error) + String(error)).not.toContain(KEY);
  });
});

describe('unknown options', () => {
  const MISSPELLED = { deadlinMs: 100 } as object;

  it.each<[object, string]>([
    [{ deadlinMs: 100 }, 'unknown property deadlinMs; did you mean deadlineMs?'],
    [{ retry: { maxAttempt: 1 } }, 'unknown property retry.maxAttempt; did you mean retry.maxAttempts?'],
    [
      { clientCertificate: { certificate: 'pem', privateKey: 'pem' } },
      'unknown property clientCertificate.certificate; did you mean clientCertificate.certificateChain?',
    ],
    [{ color: 'blue' }, 'unknown property color; use one of address, serverName, plaintext, '],
  ])('are rejected: %j', (options, message) => {
    const make = () => new PredictionClient({ address: '127.0.0.1:1', ...options });
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(message);
  });

  it.each<[string, (client: PredictionClient) => Promise<unknown>, string]>([
    ['predictImage', (client) => client.predictImage(image, MISSPELLED), 'deadlineMs'],
    ['predictImages', (client) => client.predictImages([image], MISSPELLED), 'deadlineMs'],
    [
      'predict',
      (client) => client.predict({ shape: [1], data: new Float32Array(1) }, MISSPELLED),
      'deadlineMs',
    ],
    ['predictOutputs', (client) => client.predictOutputs([image], [], MISSPELLED), 'deadlineMs'],
    ['classify', (client) => client.classify(image, MISSPELLED), 'deadlineMs'],
    ['modelStatus', (client) => client.modelStatus(MISSPELLED), 'deadlineMs'],
    ['modelMetadata', (client) => client.modelMetadata(MISSPELLED), 'deadlineMs'],
    ['health', (client) => client.health(MISSPELLED), 'deadlineMs'],
    ['waitUntilReady', (client) => client.waitUntilReady({ timoutMs: 1 } as object), 'timeoutMs'],
  ])('of a call are rejected: %s', async (_, call, meant) => {
    const client = new PredictionClient({ address: '127.0.0.1:1' });
    await expect(call(client)).rejects.toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: expect.stringContaining(`; did you mean ${meant}?`) as string,
      }) as Error,
    );
    client.close();
  });

  it('may be undefined', () => {
    const options = { address: '127.0.0.1:1', color: undefined };
    expect(() => {
      new PredictionClient(options).close();
    }).not.toThrow();
  });
});

describe('invalid options', () => {
  it.each<[Partial<PredictionClientOptions>, string]>([
    [{ deadlineMs: 0 }, 'deadlineMs is 0; expected a number greater than 0'],
    [{ connectTimeoutMs: -1 }, 'connectTimeoutMs is -1; expected a number greater than 0'],
    [{ maxBatchBytes: NaN }, 'maxBatchBytes is NaN; expected a number greater than 0'],
    [{ retry: { maxAttempts: 0 } }, 'retry.maxAttempts is 0; expected a number greater than 0'],
    [
      { rootCertificates: 'no PEM' },
      'got rootCertificates of 6 bytes without a readable certificate, expected PEM: -----BEGIN CERTIFICATE-----',
    ],
  ])('are rejected: %j', (options, message) => {
    expect(() => new PredictionClient({ address: '127.0.0.1:1', ...options })).toThrow(message);
  });
});

it('rejects a client certificate with another private key', async () => {
  const [one, other] = await Promise.all([issueCertificate(), issueCertificate()]);
  const make = () =>
    new PredictionClient({
      address: '127.0.0.1:1',
      clientCertificate: { certificateChain: one.chain, privateKey: other.privateKey },
    });
  expect(make).toThrow(InvalidInputError);
  expect(make).toThrow(
    'the client certificate or its private key is invalid (ERR_OSSL_X509_KEY_VALUES_MISMATCH); ' +
      'pass a matching pair in PEM format',
  );
});

describe('a call', () => {
  it('ends at once when its signal aborts, also at the server', async () => {
    const stop = new AbortController();
    let noticed: () => void = () => undefined;
    const serverSide = new Promise<void>((resolve) => {
      noticed = resolve;
    });
    const client = await connected({
      predict: (call) => {
        call.on('cancelled', noticed);
        stop.abort(new Error('enough'));
      },
    });
    await expect(client.predictImage(image, { signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
      message: 'the call was canceled by its AbortSignal',
      cause: new Error('enough'),
    });
    await serverSide;
  });

  it('is not made if its signal is already aborted', async () => {
    let called = false;
    const client = await connected({
      predict: () => {
        called = true;
      },
    });
    await expect(client.predictImage(image, { signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
    expect(called).toBe(false);
  });

  it('fails when the server does not answer before the deadline', async () => {
    const client = await connected({ predict: () => undefined });
    await expect(client.predictImage(image, { deadlineMs: 200 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: expect.stringMatching(
        /^got no response from 127\.0\.0\.1:\d+ within 200 ms, although the connection is established; raise deadlineMs, send fewer images at once, or give the service more replicas$/,
      ) as string,
    });
  });

  it('ends when the client is closed, and further calls are rejected', async () => {
    const client = await connected({
      predict: () => {
        client.close();
      },
    });
    await expect(client.predictImage(image)).rejects.toThrow('the client is closed; create a new client');
    await expect(client.predictImage(image)).rejects.toThrow(CancelledError);
  });
});

it('makes no calls for the other batches once one has failed', async () => {
  let calls = 0;
  const client = await connected(
    {
      predict: (call, answer) => {
        calls++;
        if (call.request.inputs.images.stringVal[0][0] === 1) {
          answer({ code: GrpcStatus.INVALID_ARGUMENT, details: 'image 1 is no image' });
        }
      },
    },
    { maxBatchImages: 1 },
  );
  const images = Array.from({ length: 20 }, (_, index) => new Uint8Array([index]));
  await expect(client.predictImages(images)).rejects.toThrow(/refused the input: image 1 is no image$/);
  expect(calls).toBeLessThanOrEqual(5);
});
