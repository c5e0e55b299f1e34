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
  { certificate, hostname, key }: Secured,
): Promise<{ call: () => Promise<number>; close: () => Promise<void> }> {
  const proxy = await startDelayingProxy(port, ROUND_TRIP_MS / 2);
  const client = new Client(`127.0.0.1:${proxy.port}`, credentials.createSsl(Buffer.from(certificate)), {
    'grpc.ssl_target_name_override': hostname,
  });
  const metadata = new Metadata();
  metadata.set('authorization', key);
  const message = predictRequest(602_000);
  const once = () =>
    new Promise<number>((resolve, reject) => {
      const startedAt = performance.now();
      client.makeUnaryRequest(PREDICT, same, same, message, metadata, (error) => {
        if (error) {
          reject(error);
        } else {
          resolve(performance.now() - startedAt);
        }
      });
    });
  for (let warm = 0; warm < CALLS; warm += 1) {
    await once();
  }
  return {
    call: async () => {
      const times: number[] = [];
      for (let count = 0; count < CALLS; count += 1) {
        times.push(await once());
      }
      return median(times);
    },
    close: () => {
      client.close();
      proxy.close();
      return Promise.resolve();
    },
  };
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
