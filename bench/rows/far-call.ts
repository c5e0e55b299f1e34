import { Client, credentials, Metadata } from '@grpc/grpc-js';

import { startDelayingProxy } from '../delaying-proxy';
import { interleave, median } from '../interleave';
import { predictRequest } from '../predict-request';
import type { Row } from '../row';
import { secured, type Secured } from '../secured';
import { startServer, type BenchServer, type ServerKind } from '../servers/start-server';

const PREDICT = '/tensorflow.serving.PredictionService/Predict';
const ROUND_TRIP_MS = 40;
const CALLS = 5;
/** As the other rows, this one measures servers whose code is compiled. */
const WARM_CALLS = 500;
const WARM_CALLS_IN_FLIGHT = 8;

export const farCall: Row = {
  name: 'far-call',
  title:
    "server, time of one call with a 602 kB image over an added round trip of 40 ms; peer: grpc-go's server",
  unit: 'ms',
  target: { kind: 'at most', value: 1.1 },
  async measure({ folder, repeats }) {
    const pki = await secured(folder);
    const ends: (() => Promise<void>)[] = [];
    const start = async (kind: ServerKind) => {
      const server: BenchServer = await startServer(kind, pki);
      ends.push(() => server.stop());
      const { call, close } = await farClient(server.port, pki);
      ends.push(close);
      return call;
    };
    try {
      const ours = await start('ours');
      const peer = await start('Go');
      return await interleave(repeats, ours, peer);
    } finally {
      await Promise.all(ends.map((end) => end()));
    }
  },
};

/** Returns a client with a warm connection: Go's server widens its window when it measures the round-trip time. */
async function farClient(
  port: number,
  pki: Secured,
): Promise<{ call: () => Promise<number>; close: () => Promise<void> }> {
  await warm(port, pki);
  const proxy = await startDelayingProxy(port, ROUND_TRIP_MS / 2);
  const { call, close } = caller(proxy.port, pki);
  const medianCall = async () => {
    const times: number[] = [];
    for (let count = 0; count < CALLS; count += 1) {
      const startedAt = performance.now();
      await call();
      times.push(performance.now() - startedAt);
    }
    return median(times);
  };
  await medianCall();
  return {
    call: medianCall,
    close: () => {
      close();
      proxy.close();
      return Promise.resolve();
    },
  };
}

/** Calls a server without the delay. */
async function warm(port: number, pki: Secured): Promise<void> {
  const { call, close } = caller(port, pki);
  let left = WARM_CALLS;
  const work = async () => {
    while (left-- > 0) {
      await call();
    }
  };
  await Promise.all(Array.from({ length: WARM_CALLS_IN_FLIGHT }, work));
  close();
}

function caller(
  port: number,
  { certificate, hostname, key }: Secured,
): { call: () => Promise<void>; close: () => void } {
  const client = new Client(`127.0.0.1:${port}`, credentials.createSsl(Buffer.from(certificate)), {
    'grpc.ssl_target_name_override': hostname,
  });
  const metadata = new Metadata();
  metadata.set('authorization', key);
  const message = predictRequest(602_000);
  return {
    call: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(PREDICT, same, same, message, metadata, (error) => {
          if (error) {
            reject(error);
          } else {
            resolve();
          }
        });
      }),
    close: () => {
      client.close();
    },
  };
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
