import { randomBytes } from 'node:crypto';

import { PredictionClient } from '../../dist/lib/client';
import { callWithClient } from '../client-load';
import { interleave } from '../interleave';
import { PythonClient } from '../peers/python-client';
import { MissingPeerError, type Row } from '../row';
import { secured, type Secured } from '../secured';
import { startServer, type BenchServer } from '../servers/start-server';

const IMAGE_BYTES = 100_000;
const IN_FLIGHT = 32;

export const clientThroughput: Row = {
  name: 'client-throughput',
  title:
    "client, calls a second with a 100 kB image, 32 in flight, TLS and key; peer: Python's grpcio, same server",
  unit: 'calls/s',
  target: { kind: 'at least', value: 0.9 },
  async measure({ folder, repeats, seconds }) {
    const pki = await secured(folder);
    const python = await PythonClient.prepare(pki);
    const { server, note } = await fastestServer(pki);
    const client = new PredictionClient({
      address: `127.0.0.1:${server.port}`,
      serverName: pki.hostname,
      rootCertificates: pki.certificate,
      key: pki.key,
    });
    const image = randomBytes(IMAGE_BYTES);
    const ours = async (duration = seconds) =>
      (await callWithClient(client, image, { inFlight: IN_FLIGHT, seconds: duration })).callsPerSecond;
    const peer = () =>
      python.callsPerSecond(server.port, { imageBytes: IMAGE_BYTES, inFlight: IN_FLIGHT, seconds });
    try {
      await ours(1);
      return { ...(await interleave(repeats, ours, peer)), note };
    } finally {
      client.close();
      await server.stop();
    }
  },
};

/** Returns a server that is fast enough not to be the bottleneck. */
async function fastestServer(pki: Secured): Promise<{ server: BenchServer; note: string }> {
  try {
    return { server: await startServer('Go', pki), note: 'both call the Go server' };
  } catch (error) {
    if (!(error instanceof MissingPeerError)) {
      throw error;
    }
    return { server: await startServer('ours', pki), note: `both call our server: ${error.message}` };
  }
}
