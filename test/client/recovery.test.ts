import http2 from 'node:http2';
import net from 'node:net';

import { status as GrpcStatus } from '@grpc/grpc-js';

import { NotReadyInTimeError, PredictionClient, type ReadinessAttempt } from '../../lib/client';
import { issueCertificate } from '../support/certificates';
import { closedPort, probabilities, startGrpcPeer, startHttp2Peer, startPeer, type Peer } from './peers';

const image = Buffer.from('image');
const peers: Peer[] = [];
const clients: PredictionClient[] = [];

afterEach(async () => {
  clients.splice(0).forEach((client) => {
    client.close();
  });
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function started(peer: Promise<Peer>): Promise<Peer> {
  peers.push(await peer);
  return peer;
}

function clientOf(address: string, options = {}): PredictionClient {
  const client = new PredictionClient({ address, plaintext: true, ...options });
  clients.push(client);
  return client;
}

describe('a call that finds the server unavailable', () => {
  it('is tried again until the server serves', async () => {
    let calls = 0;
    const { address } = await started(
      startGrpcPeer({
        predict: (call, answer) => {
          calls++;
          if (calls < 3) {
            answer({ code: GrpcStatus.UNAVAILABLE, details: 'the model is loading' });
          } else {
            probabilities(1)(call, answer);
          }
        },
      }),
    );
    await expect(clientOf(address).predictImage(image)).resolves.toEqual(new Float32Array([1]));
    expect(calls).toBe(3);
  });

  it('is attempted as often as configured, and not more often', async () => {
    let calls = 0;
    const { address } = await started(
      startGrpcPeer({
        predict: (_, answer) => {
          calls++;
          answer({ code: GrpcStatus.UNAVAILABLE, details: 'draining' });
        },
      }),
    );
    const client = clientOf(address, { retry: { maxAttempts: 3, initialBackoffMs: 1 } });
    await expect(client.predictImage(image)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(calls).toBe(3);
  });

  it('is not tried again once the deadline would pass meanwhile', async () => {
    let calls = 0;
    const { address } = await started(
      startGrpcPeer({
        predict: (_, answer) => {
          calls++;
          answer({ code: GrpcStatus.UNAVAILABLE, details: 'draining' });
        },
      }),
    );
    const client = clientOf(address, { retry: { initialBackoffMs: 60_000, maxBackoffMs: 60_000 } });
    await expect(client.predictImage(image, { deadlineMs: 2_000 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(calls).toBe(1);
  });

  it('stops waiting for the next try when it is cancelled', async () => {
    const stop = new AbortController();
    const { address } = await started(
      startGrpcPeer({
        predict: (_, answer) => {
          answer({ code: GrpcStatus.UNAVAILABLE, details: 'draining' });
          setImmediate(() => {
            stop.abort();
          });
        },
      }),
    );
    const client = clientOf(address, { retry: { initialBackoffMs: 25_000, maxBackoffMs: 25_000 } });
    await expect(client.predictImage(image, { signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it.each(['INVALID_ARGUMENT', 'UNAUTHENTICATED', 'RESOURCE_EXHAUSTED', 'INTERNAL'] as const)(
    'is retried, unlike a call that fails with %s, which is made once',
    async (status) => {
      let calls = 0;
      const { address } = await started(
        startGrpcPeer({
          predict: (_, answer) => {
            calls++;
            answer({ code: GrpcStatus[status], details: 'no' });
          },
        }),
      );
      await expect(clientOf(address).predictImage(image)).rejects.toMatchObject({ grpcStatusName: status });
      expect(calls).toBe(1);
    },
  );
});

describe('a server that closes a connection', () => {
  const serving = Buffer.from([0, 0, 0, 0, 2, 8, 1]);

  function answer(stream: http2.ServerHttp2Stream): void {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'grpc-status': '0' });
    });
    stream.end(serving);
  }

  it('fails no call that it did not process: the call is sent again on another connection', async () => {
    let sessions = 0;
    const server = http2.createServer();
    server.on('session', (session) => {
      const first = ++sessions === 1;
      session.on('stream', (stream) => {
        stream.on('error', () => undefined);
        if (first) {
          stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
          session.goaway(http2.constants.NGHTTP2_NO_ERROR);
        } else {
          answer(stream);
        }
      });
    });
    const { address } = await started(startPeer(server));
    const client = clientOf(address, { retry: { maxAttempts: 1 } });
    await expect(client.health()).resolves.toBe('SERVING');
    expect(sessions).toBe(2);
  });

  it('answers the calls in flight, and further calls use another connection', async () => {
    let sessions = 0;
    const server = http2.createServer();
    server.on('session', (session) => {
      sessions++;
      session.on('stream', (stream) => {
        session.goaway(http2.constants.NGHTTP2_NO_ERROR, stream.id);
        setImmediate(answer, stream);
      });
    });
    const { address } = await started(startPeer(server));
    const client = clientOf(address, { retry: { maxAttempts: 1 } });
    await expect(client.health()).resolves.toBe('SERVING');
    await expect(client.health()).resolves.toBe('SERVING');
    expect(sessions).toBe(2);
  });
});

describe('a server that restarts', () => {
  it('is called again without a new client', async () => {
    const first = await startGrpcPeer({ predict: probabilities(1) });
    const client = clientOf(first.address);
    await client.predictImage(image);
    await first.close();
    await expect(client.predictImage(image, { deadlineMs: 300 })).rejects.toMatchObject({
      reason: 'refused',
    });
    await started(startGrpcPeer({ predict: probabilities(0.5) }, { port: first.port }));
    // One try: a channel that waited out its reconnect backoff would fail it.
    await expect(client.predictImage(image)).resolves.toEqual(new Float32Array([0.5]));
  });

  it('serves calls in flight after the restart', async () => {
    const first = await startGrpcPeer({ predict: () => undefined });
    const client = clientOf(first.address, { retry: { maxAttempts: 20 } });
    const answers = Promise.all(Array.from({ length: 10 }, () => client.predictImage(image)));
    await client.health().catch(() => undefined);
    await first.close();
    await started(startGrpcPeer({ predict: probabilities(0.5) }, { port: first.port }));
    await expect(answers).resolves.toHaveLength(10);
  });

  it('does not leave a client connected to a server that hung', async () => {
    const hung = await startPeer(net.createServer());
    const client = clientOf(hung.address);
    await expect(client.predictImage(image, { deadlineMs: 300 })).rejects.toMatchObject({
      reason: 'timed-out',
    });
    await hung.close();
    await started(startGrpcPeer({ predict: probabilities(1) }, { port: hung.port }));
    await expect(client.predictImage(image)).resolves.toEqual(new Float32Array([1]));
  });
});

describe('waiting until a service is ready', () => {
  const serving = {
    health: (_: unknown, answer: (error: null, response: { status: 'SERVING' }) => void) => {
      answer(null, { status: 'SERVING' });
    },
  };

  it('ends as soon as the server is ready, and reports each check before', async () => {
    const port = await closedPort();
    const attempts: ReadinessAttempt[] = [];
    await clientOf(`127.0.0.1:${port}`).waitUntilReady({
      onAttempt: (attempt) => {
        if (attempts.push(attempt) === 2) {
          void started(startGrpcPeer(serving, { port }));
        }
      },
    });
    expect(attempts.slice(0, 2)).toMatchObject([
      { attempt: 1, reason: { reason: 'refused' } },
      { attempt: 2, reason: { reason: 'refused' } },
    ]);
  });

  it('continues while the server loads its model', async () => {
    let looks = 0;
    const { address } = await started(
      startGrpcPeer({
        health: (_, answer) => {
          looks++;
          answer(null, { status: looks < 3 ? 'NOT_SERVING' : 'SERVING' });
        },
      }),
    );
    const reasons: string[] = [];
    await clientOf(address).waitUntilReady({ onAttempt: ({ reason }) => reasons.push(reason.message) });
    expect(reasons).toEqual(
      Array(2).fill(
        'the server responds, but is NOT_SERVING: it is loading its model or shutting down; ' +
          'wait until it has loaded its model, and check its log if that takes too long',
      ),
    );
  });

  it('requests the model status if the server has no health service', async () => {
    const { address } = await started(
      startGrpcPeer({
        status: (_, answer) => {
          answer(null, { modelVersionStatus: [{ version: 1, state: 'AVAILABLE' }] });
        },
      }),
    );
    await expect(clientOf(address).waitUntilReady()).resolves.toBeUndefined();
  });

  it('fails with the last reason when its time is over', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    const error = await clientOf(address)
      .waitUntilReady({ timeoutMs: 500 })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NotReadyInTimeError);
    expect(error).toMatchObject({
      code: 'NOT_READY_IN_TIME',
      message: expect.stringMatching(
        new RegExp(
          `^not ready after [\\d.]+ s: connection refused: nothing is listening on ${address}; start the service, or check the port$`,
        ),
      ) as string,
      cause: { code: 'CONNECTION_FAILED' },
    });
  });

  it('fails immediately if waiting is useless, unless asked to continue', async () => {
    const certificate = await issueCertificate({ names: ['127.0.0.1'] });
    const { address } = await started(startGrpcPeer(serving, { certificate }));
    const client = clientOf(address, { plaintext: false });
    await expect(client.waitUntilReady()).rejects.toMatchObject({ reason: 'self-signed' });
    await expect(client.waitUntilReady({ timeoutMs: 300, keepWaiting: () => true })).rejects.toMatchObject({
      code: 'NOT_READY_IN_TIME',
    });
  });

  it('fails immediately if the server is of another kind', async () => {
    const { address } = await started(startGrpcPeer({}));
    await expect(clientOf(address).waitUntilReady()).rejects.toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      message: expect.stringContaining('does not implement the method') as string,
    });
  });

  it('waits for the route of a proxy, which reports an unknown method without a message', async () => {
    const peer = await started(
      startHttp2Peer({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' }, ''),
    );
    await expect(clientOf(peer.address).waitUntilReady({ timeoutMs: 300 })).rejects.toMatchObject({
      code: 'NOT_READY_IN_TIME',
    });
  });

  it('stops when its signal aborts', async () => {
    const stop = new AbortController();
    const client = clientOf(`127.0.0.1:${await closedPort()}`);
    await expect(
      client.waitUntilReady({
        signal: stop.signal,
        onAttempt: () => {
          stop.abort();
        },
      }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
