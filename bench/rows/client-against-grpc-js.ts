import { randomBytes } from 'node:crypto';

import { Client, credentials, Metadata } from '@grpc/grpc-js';

import { PredictionClient } from '../../dist/lib/client';
import type { PredictResponse__Output } from '../../dist/lib/wire/proto/types/tensorflow/serving/PredictResponse';
import { serviceMethods } from '../../dist/lib/wire/service-methods';
import { imagesToProto, tensorFromProto } from '../../dist/lib/wire/tensor-proto';
import { callWithClient, type ScoringClient } from '../client-load';
import { interleave } from '../interleave';
import type { Row } from '../row';
import { secured, type Secured } from '../secured';
import { startServer } from '../servers/start-server';

const IMAGE_BYTES = 100_000;
const IN_FLIGHT = 32;

export const clientAgainstGrpcJs: Row = {
  name: 'client-grpc-js',
  title:
    'client, calls a second with a 100 kB image, 32 in flight, TLS and key; peer: the client of grpc-js, same server',
  unit: 'calls/s',
  target: { kind: 'at least', value: 1.2 },
  quick: true,
  async measure({ folder, repeats, seconds }) {
    const pki = await secured(folder);
    const server = await startServer('ours', pki);
    const ours = new PredictionClient({
      address: `127.0.0.1:${server.port}`,
      serverName: pki.hostname,
      rootCertificates: pki.certificate,
      key: pki.key,
    });
    const peer = grpcJsClient(server.port, pki);
    const image = randomBytes(IMAGE_BYTES);
    const rate =
      (client: ScoringClient) =>
      async (duration = seconds) =>
        (await callWithClient(client, image, { inFlight: IN_FLIGHT, seconds: duration })).callsPerSecond;
    try {
      await rate(ours)(1);
      await rate(peer.client)(1);
      return await interleave(repeats, rate(ours), rate(peer.client));
    } finally {
      ours.close();
      peer.close();
      await server.stop();
    }
  },
};

/** Does the same as our client: creates the message, calls, and extracts the probabilities from the response. */
function grpcJsClient(
  port: number,
  { certificate, hostname, key }: Secured,
): { client: ScoringClient; close: () => void } {
  const { Predict } = serviceMethods().prediction;
  const channel = new Client(`127.0.0.1:${port}`, credentials.createSsl(Buffer.from(certificate)), {
    'grpc.ssl_target_name_override': hostname,
  });
  const metadata = new Metadata();
  metadata.set('authorization', key);
  const predictImage = (image: Uint8Array) =>
    new Promise<Float32Array>((resolve, reject) => {
      channel.makeUnaryRequest(
        Predict.path,
        Predict.requestSerialize,
        Predict.responseDeserialize,
        { modelSpec: { name: '' }, inputs: { images: imagesToProto([image]) } },
        metadata,
        { deadline: Date.now() + 30_000 },
        (error, response?: PredictResponse__Output) => {
          if (error || !response) {
            reject(error ?? new Error('no response'));
          } else {
            resolve(tensorFromProto(response.outputs.output_alias).data);
          }
        },
      );
    });
  return {
    client: { predictImage },
    close: () => {
      channel.close();
    },
  };
}
