import { execFile, fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { z } from 'zod';

import { messageType } from '../dist/lib/proto/load';
import type { PredictRequest } from '../dist/lib/proto/types/tensorflow/serving/PredictRequest';
import { createSelfSignedCertificate } from '../dist/lib/tls';
import { imagesToProto } from '../dist/lib/tensor/tensor-proto';
import { startDelayingProxy } from './delaying-proxy';
import type { ServerOrder } from './transport-server';

/*
 * Our transport over node:http2 against grpc-js's own server, both answering the same without a model:
 *
 * - calls a second, over TLS with a key, 32 in flight, a 100 kB image each; needs ghz (https://ghz.sh) on PATH
 *   or its path in GHZ;
 * - the time of one call with a 602 kB image over a round trip of 40 ms.
 *
 * Close other programs: on few cores the load generator and the server share them.
 */

const HOSTNAME = 'scoring.localhost';
const PREDICT = '/tensorflow.serving.PredictionService/Predict';
const ROUND_TRIP_MS = 40;
const REPEATS = 9;
const ghzReport = z.object({
  rps: z.number(),
  statusCodeDistribution: z.record(z.string(), z.number()),
  latencyDistribution: z.array(z.object({ percentage: z.number(), latency: z.number() })),
});

interface Target {
  readonly port: number;
  readonly certificateFile: string;
  readonly certificate: string;
  readonly key: string;
}

interface Figures {
  readonly callsPerSecond?: number;
  readonly medianMs?: number;
  readonly farMs: number;
}

async function main(): Promise<void> {
  delete process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-bench-'));
  try {
    const ours = await measure('node:http2', folder);
    const theirs = await measure('grpc-js', folder);
    if (ours.callsPerSecond !== undefined && theirs.callsPerSecond !== undefined) {
      say(
        `calls a second, node:http2 to grpc-js: ${(ours.callsPerSecond / theirs.callsPerSecond).toFixed(2)}`,
      );
    }
    say(`far call's time, grpc-js to node:http2: ${(theirs.farMs / ours.farMs).toFixed(1)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(transport: ServerOrder['transport'], folder: string): Promise<Figures> {
  const { certificate, privateKey } = await createSelfSignedCertificate({ hostname: HOSTNAME });
  const key = randomBytes(24).toString('base64url');
  const certificateFile = path.join(folder, 'certificate.pem');
  await writeFile(certificateFile, certificate);
  const server = fork(path.join(__dirname, 'transport-server.ts'), { execArgv: ['--import', 'tsx'] });
  try {
    const order: ServerOrder = { transport, certificate, privateKey, key };
    const target = { port: await portOf(server, order), certificateFile, certificate, key };
    const load = await measureLoad(target, folder);
    const farMs = await measureFarCall(target);
    say(
      `${transport}: ${load ? describeLoad(load) : 'no ghz, no load measured'}; far call ${farMs.toFixed(0)} ms`,
    );
    return { ...load, farMs };
  } finally {
    server.kill();
  }
}

async function portOf(server: ChildProcess, order: ServerOrder): Promise<number> {
  server.send(order);
  const [answer] = (await once(server, 'message')) as [{ port: number }];
  return answer.port;
}

interface Load {
  readonly callsPerSecond: number;
  readonly medianMs: number;
}

async function measureLoad(
  { port, certificateFile, key }: Target,
  folder: string,
): Promise<Load | undefined> {
  const requestFile = path.join(folder, 'request.bin');
  const metadataFile = path.join(folder, 'metadata.json');
  await writeFile(requestFile, request(100_000));
  await writeFile(metadataFile, JSON.stringify({ authorization: key }), { mode: 0o600 });
  const run = async (duration: string) => {
    const { stdout } = await promisify(execFile)(
      process.env.GHZ ?? 'ghz',
      [
        ...['--import-paths', path.resolve(__dirname, '../proto')],
        ...['--proto', 'tensorflow_serving/apis/prediction_service.proto'],
        ...['--call', 'tensorflow.serving.PredictionService.Predict', '--cacert', certificateFile],
        ...['--cname', HOSTNAME, '--metadata-file', metadataFile, '--binary-file', requestFile],
        ...['--concurrency', '32', '--connections', '4', '--duration', duration, '--duration-stop', 'wait'],
        ...['--format', 'json', `127.0.0.1:${port}`],
      ],
      { maxBuffer: 1 << 30 },
    );
    return ghzReport.parse(JSON.parse(stdout));
  };
  try {
    await run('2s');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  const { rps, statusCodeDistribution, latencyDistribution } = await run('10s');
  if (Object.keys(statusCodeDistribution).join() !== 'OK') {
    throw new Error(`calls failed: ${JSON.stringify(statusCodeDistribution)}`);
  }
  const median = latencyDistribution.find(({ percentage }) => percentage === 50)?.latency ?? 0;
  return { callsPerSecond: rps, medianMs: median / 1e6 };
}

/** @returns the median over several calls on a connection that is open and warm */
async function measureFarCall({ port, certificate, key }: Target): Promise<number> {
  const proxy = await startDelayingProxy(port, ROUND_TRIP_MS / 2);
  const client = new Client(`127.0.0.1:${proxy.port}`, credentials.createSsl(Buffer.from(certificate)), {
    'grpc.ssl_target_name_override': HOSTNAME,
  });
  const metadata = new Metadata();
  metadata.set('authorization', key);
  const call = (message: Buffer) =>
    new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(PREDICT, same, same, message, metadata, (error) => {
        if (error) {
          reject(error);
        } else {
          resolve();
        }
      });
    });
  try {
    await call(request(100));
    const times: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      const startedAt = performance.now();
      await call(request(602_000));
      times.push(performance.now() - startedAt);
    }
    return times.sort((left, right) => left - right)[(REPEATS - 1) / 2] ?? 0;
  } finally {
    client.close();
    proxy.close();
  }
}

/** A `PredictRequest` with one image of so many random bytes: nobody decodes it. */
function request(imageBytes: number): Buffer {
  const type = messageType<PredictRequest, object>('tensorflow.serving.PredictRequest');
  return type.serialize({ inputs: { images: imagesToProto([randomBytes(imageBytes)]) } });
}

function describeLoad({ callsPerSecond, medianMs }: Load): string {
  return `${callsPerSecond.toFixed(0)} calls a second, median ${medianMs.toFixed(1)} ms`;
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main();
