import { randomBytes } from 'node:crypto';

import { PredictionClient } from '../../dist/lib/client';
import { callWithClient } from '../client-load';
import { Ghz } from '../ghz';
import { interleave } from '../interleave';
import type { Row } from '../row';
import { secured } from '../secured';
import { startServer } from '../servers/start-server';

const IMAGE_BYTES = 100_000;

export const clientLatency: Row = {
  name: 'client-latency',
  title:
    'client, median time of a call with a 100 kB image, 1 in flight, TLS and key; peer: ghz, same server',
  unit: 'ms',
  target: { kind: 'at most', value: 1.2 },
  async measure({ folder, repeats, seconds }) {
    const pki = await secured(folder);
    const ghz = await Ghz.prepare(pki, folder);
    const server = await startServer('ours', pki);
    const client = new PredictionClient({
      address: `127.0.0.1:${server.port}`,
      serverName: pki.hostname,
      rootCertificates: pki.certificate,
      key: pki.key,
    });
    const image = randomBytes(IMAGE_BYTES);
    const ours = async (duration = seconds) =>
      (await callWithClient(client, image, { inFlight: 1, seconds: duration })).medianMs;
    const peer = async (duration = seconds) =>
      (
        await ghz.call(server.port, {
          imageBytes: IMAGE_BYTES,
          inFlight: 1,
          connections: 1,
          seconds: duration,
        })
      ).medianMs;
    try {
      await ours(1);
      await peer(1);
      return await interleave(repeats, ours, peer);
    } finally {
      client.close();
      await server.stop();
    }
  },
};
