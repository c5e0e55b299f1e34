import { status as GrpcStatus } from '@grpc/grpc-js';

import { PredictionClient, type PredictionError } from '../../lib/client';
import { issueCertificate } from '../support/certificates';
import { startGrpcPeer, startHttp2Peer, type Peer } from './peers';

const peers: Peer[] = [];

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function failure(peer: Peer, options = {}): Promise<PredictionError> {
  peers.push(peer);
  const client = new PredictionClient({
    address: peer.address,
    plaintext: true,
    retry: { maxAttempts: 2, initialBackoffMs: 1 },
    ...options,
  });
  const error = await client
    .predictImage(Buffer.from('image'))
    .catch((reason: unknown) => reason as PredictionError);
  client.close();
  return error as PredictionError;
}

describe('what a server answers with a status becomes an error that says what to do', () => {
  it.each<[keyof typeof GrpcStatus, string, string, string]>([
    [
      'UNAUTHENTICATED',
      'no key was sent',
      'UNAUTHENTICATED',
      "refused the call, which had no key: no key was sent; pass the service's primary or secondary key",
    ],
    ['INVALID_ARGUMENT', 'image 1 is truncated', 'INVALID_INPUT', 'refused the input: image 1 is truncated'],
    [
      'NOT_FOUND',
      'model other is not served',
      'MODEL_NOT_FOUND',
      'has no such model: model other is not served; give the name that the model is served by (modelName, or --model), or none for the only one',
    ],
    [
      'RESOURCE_EXHAUSTED',
      '32 calls are in flight',
      'OVERLOADED',
      'has as many calls in flight as it accepts: 32 calls are in flight; call it with less at once, try again later, or give the service more replicas',
    ],
    [
      'RESOURCE_EXHAUSTED',
      'Received message larger than max: 9 vs 4',
      'INVALID_INPUT',
      'refused the input: Received message larger than max: 9 vs 4; send smaller images, or fewer at once',
    ],
    [
      'UNAVAILABLE',
      'the model is loading',
      'UNAVAILABLE',
      'does not serve now: the model is loading; try again when it has loaded its model (waitUntilReady waits for that)',
    ],
    [
      'INTERNAL',
      'a defect',
      'UNEXPECTED_RESPONSE',
      "failed with INTERNAL: a defect; look in the service's log",
    ],
    [
      'CANCELLED',
      '',
      'UNEXPECTED_RESPONSE',
      ', or a proxy in between, cancelled the call: it gave no reason; try again, and look in its log',
    ],
    [
      'UNKNOWN',
      '\u001b[31mred\u0007\r\nlines',
      'UNEXPECTED_RESPONSE',
      "failed with UNKNOWN: [31mred lines; look in the service's log",
    ],
  ])('%s: %j', async (status, details, code, message) => {
    const peer = await startGrpcPeer({
      predict: (_, answer) => {
        answer({ code: GrpcStatus[status], details });
      },
    });
    expect(await failure(peer)).toMatchObject({
      code,
      grpcStatus: GrpcStatus[status],
      grpcStatusName: status,
      message: peer.address + (message.startsWith(',') ? '' : ' ') + message,
    });
  });

  it('a wrong key', async () => {
    const certificate = await issueCertificate({ names: ['127.0.0.1'] });
    const peer = await startGrpcPeer(
      {
        predict: (_, answer) => {
          answer({ code: GrpcStatus.UNAUTHENTICATED, details: 'the key is wrong' });
        },
      },
      { certificate },
    );
    const options = { plaintext: false, rootCertificates: certificate.certificate, key: 'another-key' };
    expect((await failure(peer, options)).message).toBe(
      `${peer.address} refused the key: the key is wrong; ` +
        "check that it is this service's primary or secondary key, and that it was not replaced",
    );
  });

  it('a model that the caller named', async () => {
    const peer = await startGrpcPeer({
      predict: (_, answer) => {
        answer({ code: GrpcStatus.NOT_FOUND, details: 'not served' });
      },
    });
    expect((await failure(peer, { modelName: 'other' })).message).toContain(
      'has no model "other": not served;',
    );
  });

  it('a gRPC server of another service', async () => {
    const peer = await startGrpcPeer({});
    expect(await failure(peer)).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      grpcStatusName: 'UNIMPLEMENTED',
      message: expect.stringMatching(
        /does not have the method that was called: .+; check the address and the port, and that it speaks the protocol of TensorFlow Serving$/,
      ) as string,
    });
  });

  it('an answer larger than the client accepts', async () => {
    const peer = await startGrpcPeer({
      predict: (_, answer) => {
        answer(null, {
          outputs: { output_alias: { dtype: 'DT_FLOAT', tensorContent: Buffer.alloc(2_000) } },
        });
      },
    });
    const error = await failure(peer, { maxMessageBytes: 1_000 });
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(error.message).toMatch(
      /^got an answer of 2,0\d\d bytes from 127\.0\.0\.1:\d+, expected at most 1,000; raise maxMessageBytes$/,
    );
  });
});

describe('what a gateway answers without gRPC becomes an error that says so', () => {
  it.each([
    [
      401,
      'UNAUTHENTICATED',
      "it refused the call, which had no key; pass the service's primary or secondary key",
    ],
    [
      403,
      'UNAUTHENTICATED',
      "it refused the call, which had no key; pass the service's primary or secondary key",
    ],
    [
      404,
      'UNEXPECTED_RESPONSE',
      'what listens there has no such path; check the address and the port, and that a gateway in between has a route for gRPC',
    ],
    [429, 'OVERLOADED', "too many calls; call more slowly, or raise the gateway's limit"],
    [
      502,
      'UNAVAILABLE',
      'a gateway has no service behind it that answers; check that the service runs, and its probes',
    ],
    [
      503,
      'UNAVAILABLE',
      'a gateway has no service behind it that answers; check that the service runs, and its probes',
    ],
  ])('HTTP status %d', async (httpStatus, code, remedy) => {
    const peer = await startHttp2Peer(
      { ':status': httpStatus, 'content-type': 'text/html' },
      '<html></html>',
    );
    const error = await failure(peer);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`${peer.address} answered with HTTP status ${httpStatus}, not with gRPC`);
    expect(error.message).toContain(remedy);
  });

  it('a web page', async () => {
    const page = `<!DOCTYPE html><html><body>${'hello '.repeat(20)}</body></html>`;
    const peer = await startHttp2Peer({ ':status': 200, 'content-type': 'text/html' }, page);
    expect(await failure(peer)).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      message: `got text from ${peer.address} (with "!DOC" near its start), expected gRPC: a web page, most likely; check the address and the port, and that a proxy in between passes gRPC on`,
    });
  });
});
