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

describe('converts a status of the server to an error with a remedy', () => {
  it.each<[keyof typeof GrpcStatus, string, string, string]>([
    [
      'UNAUTHENTICATED',
      'no key was sent',
      'UNAUTHENTICATED',
      "refused the call, which carried no key: no key was sent; pass the service's primary or secondary key",
    ],
    ['INVALID_ARGUMENT', 'image 1 is truncated', 'INVALID_INPUT', 'refused the input: image 1 is truncated'],
    [
      'NOT_FOUND',
      'model other is not served',
      'MODEL_NOT_FOUND',
      'has no such model: model other is not served; set modelName to the name of the served model, or omit it to use the only one',
    ],
    [
      'RESOURCE_EXHAUSTED',
      '32 calls are in flight',
      'OVERLOADED',
      'has reached its limit of calls in flight: 32 calls are in flight; send fewer calls at once, retry later, or add replicas',
    ],
    [
      'RESOURCE_EXHAUSTED',
      'Received message larger than max: 9 vs 4',
      'INVALID_INPUT',
      'refused the input: Received message larger than max: 9 vs 4; send smaller or fewer images per call',
    ],
    [
      'UNAVAILABLE',
      'the model is loading',
      'UNAVAILABLE',
      'is not serving: the model is loading; retry once it has loaded its model',
    ],
    [
      'INTERNAL',
      'a defect',
      'UNEXPECTED_RESPONSE',
      'failed with INTERNAL: a defect; check the log of the service',
    ],
    [
      'CANCELLED',
      '',
      'UNEXPECTED_RESPONSE',
      ', or a proxy in between, canceled the call: no reason given; retry the call and check the log of the service',
    ],
    [
      'UNKNOWN',
      '\u001b[31mred\u0007\r\nlines',
      'UNEXPECTED_RESPONSE',
      'failed with UNKNOWN: [31mred lines; check the log of the service',
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
        "check that it is this service's primary or secondary key and has not been rotated",
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
        /does not implement the method: .+; check the address and the port, and that the server implements TensorFlow Serving's protocol$/,
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
      /^got a response of 2,0\d\d bytes from 127\.0\.0\.1:\d+, expected at most 1,000; raise maxMessageBytes$/,
    );
  });
});

describe("converts a gateway's response without gRPC to an error that explains it", () => {
  it.each([
    [
      401,
      'UNAUTHENTICATED',
      "it refused the call, which carried no key; pass the service's primary or secondary key",
    ],
    [
      403,
      'UNAUTHENTICATED',
      "it refused the call, which carried no key; pass the service's primary or secondary key",
    ],
    [
      404,
      'UNEXPECTED_RESPONSE',
      'the server there has no such path; check the address and the port, and that every gateway in between has a route for gRPC',
    ],
    [429, 'OVERLOADED', "too many calls; call more slowly, or raise the gateway's limit"],
    [
      502,
      'UNAVAILABLE',
      'a gateway has no healthy backend; check that the service is running, and its health probes',
    ],
    [
      503,
      'UNAVAILABLE',
      'a gateway has no healthy backend; check that the service is running, and its health probes',
    ],
  ])('HTTP status %d', async (httpStatus, code, remedy) => {
    const peer = await startHttp2Peer(
      { ':status': httpStatus, 'content-type': 'text/html' },
      '<html></html>',
    );
    const error = await failure(peer);
    expect(error.code).toBe(code);
    expect(error.message).toContain(
      `${peer.address} responded with HTTP status ${httpStatus} instead of gRPC`,
    );
    expect(error.message).toContain(remedy);
  });

  it('a web page', async () => {
    const page = `<!DOCTYPE html><html><body>${'hello '.repeat(20)}</body></html>`;
    const peer = await startHttp2Peer({ ':status': 200, 'content-type': 'text/html' }, page);
    expect(await failure(peer)).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      message: `got text from ${peer.address} (with "!DOC" near its start), expected gRPC: the response is probably a web page; check the address and the port, and that every proxy in between forwards gRPC`,
    });
  });
});
