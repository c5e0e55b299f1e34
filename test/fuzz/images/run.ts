import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ServiceDefinition, Stage } from '../../../lib/service-definition';
import { serve } from '../../interop/served-model';
import { onnxModel } from '../../server/pipeline/support/onnx-model';
import { answerOf, GrpcClient, imageRequest } from '../../server/support/grpc-client';
import { mutate, seededRandom } from '../mutate';
import { hugeImages, polyglots, seedImages, type SeedImage } from './seeds';

const SIZE = 16;
const AT_ONCE = 4;
/** How often the whole images are scored between the broken ones. */
const GOOD_EVERY = 500;
/** What a broken image may be answered with: many are still images. */
const RIGHT: readonly string[] = ['OK', 'INVALID_ARGUMENT'];

/** What became of malformed images. */
export interface ImageFigures {
  readonly sent: number;
  /** By the status that they were answered with. */
  readonly counts: Readonly<Record<string, number>>;
  /** Milliseconds of the slowest answer. */
  readonly slowestMs: number;
  /** Sentences; none where all is as it should be. */
  readonly problems: readonly string[];
}

/**
 * Sends malformed images to a server process: those that claim to be huge, files of two formats, and mutations of the
 * whole ones; the same in every run.
 * @param count how many at least
 */
export async function sendMalformedImages(count: number): Promise<ImageFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-images-'));
  const keys = {
    primaryKey: randomBytes(24).toString('base64url'),
    secondaryKey: randomBytes(24).toString('base64url'),
  };
  try {
    const server = await serve(folder, 'pixels', await pixelModel(folder), keys);
    const { address, certificateFile, pid } = server.served;
    const client = new GrpcClient(address, {
      root: await readFile(certificateFile, 'utf8'),
      key: keys.primaryKey,
    });
    try {
      return await send(client, pid, count);
    } finally {
      client.close();
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Answers with the pixels, so that any other decoding shows. */
async function pixelModel(folder: string): Promise<ServiceDefinition> {
  const file = path.join(folder, 'pixels.onnx');
  const shape = ['n', SIZE, SIZE, 3];
  const model = { op: 'Identity', inputs: [{ name: 'x', shape }], outputs: [{ name: 'y', shape }] };
  await writeFile(file, onnxModel(model));
  return new ServiceDefinition({
    stages: [
      Stage.image({ resize: SIZE, crop: SIZE }),
      Stage.onnx({ name: 'pixels', path: file, inputTensor: 'x', outputTensor: 'y' }),
    ],
  });
}

async function send(client: GrpcClient, pid: number, count: number): Promise<ImageFigures> {
  const seeds = await seedImages();
  const images = malformed(seeds, count);
  const counts: Record<string, number> = {};
  const problems: string[] = [];
  let slowestMs = 0;
  let sent = 0;
  const good = () =>
    Promise.all(seeds.map(async ({ data }) => answerOf(await client.predict(imageRequest(data)))));
  const expected = JSON.stringify(await good());
  const work = async () => {
    for (let next = images.next(); !next.done; next = images.next()) {
      const { name, data } = next.value;
      const startedAt = performance.now();
      const { status, details } = await client.predict(imageRequest(data));
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      counts[status] = (counts[status] ?? 0) + 1;
      sent += 1;
      if (!RIGHT.includes(status)) {
        problems.push(`${name}: ${status}: ${details}`);
      }
      if (name.startsWith('huge') && status === 'OK') {
        problems.push(`${name} was decoded`);
      }
      if (sent % GOOD_EVERY === 0 && JSON.stringify(await good()) !== expected) {
        problems.push(`after ${sent} images, whole ones are answered differently`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (JSON.stringify(await good()) !== expected) {
    problems.push('whole images are answered differently at the end');
  }
  try {
    process.kill(pid, 0);
  } catch {
    problems.push('the server has ended');
  }
  return { sent, counts, slowestMs, problems };
}

function* malformed(seeds: readonly SeedImage[], count: number): Generator<SeedImage, undefined> {
  let made = 0;
  const mixed = polyglots(seeds);
  // Where only some are asked for, each kind is among them.
  const every = Math.max(1, Math.ceil(mixed.length / (count / 2)));
  for (const image of [...hugeImages(seeds), ...mixed.filter((_, index) => index % every === 0)]) {
    made += 1;
    yield image;
  }
  for (let seed = 0; made < count; seed += 1, made += 1) {
    const { name, data } = seeds[seed % seeds.length];
    yield { name: `${name}, mutation ${seed}`, data: mutate(data, seededRandom(seed)) };
  }
  return undefined;
}
