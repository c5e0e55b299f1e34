import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, lstat, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { freePorts } from '../../test/interop/model-servers/model-server';
import { buildImage, type BuiltImage } from '../../test/package/support/built-image';
import { interleave } from '../interleave';
import { scoringPeerPackages, startScoringPeer } from '../peers/scoring-servers';
import { MissingPeerError, type BenchRun, type Row } from '../row';
import { sampleImage, sampleServiceDefinition } from '../sample-service';

const run = promisify(execFile);
const command = path.resolve(__dirname, '../../dist/lib/cli/main.js');
const CONFIGURATION = '/etc/cdktf-brainwave/configuration.json';

/** The image that `docs/container-image.md` describes, built without a container engine. */
async function withImage<T>({ folder }: BenchRun, use: (image: BuiltImage) => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) {
    throw new MissingPeerError('a Dockerfile is executed with chroot, which needs root');
  }
  const model = path.join(folder, 'model.zip');
  const context = path.join(folder, 'image');
  sampleServiceDefinition().save(model);
  await run(process.execPath, [
    ...[command, 'image-context', '--model', model, '--name', 'sample', '--output', context],
  ]);
  const { image, remove } = await buildImage(context);
  try {
    return await use(image);
  } finally {
    remove();
  }
}

export const imageSize: Row = {
  name: 'image-size',
  title:
    "container image of the sample model, files on top of the base image; peer: a hand-written grpcio server's packages, with " +
    'Pillow and onnxruntime, and the model',
  unit: 'MB',
  target: { kind: 'at most', value: 1 },
  measure: (benchRun) =>
    withImage(benchRun, async (image) => {
      const packages = await scoringPeerPackages('grpcio');
      const model = sampleServiceDefinition()._toZip().length;
      const ours = image.layers.reduce((total, { bytes }) => total + bytes, 0) / 1e6;
      const peer = ((await sizeOf(packages)) + model) / 1e6;
      return { ours, peer, ratio: ours / peer };
    }),
};

export const imageStart: Row = {
  name: 'image-start',
  title:
    'container image of the sample model, from the start of its process until it is ready; peer: a hand-written grpcio server ' +
    'with Pillow and onnxruntime',
  unit: 'ms',
  target: { kind: 'at most', value: 1 },
  measure: (benchRun) =>
    withImage(benchRun, async (image) => {
      const content = await readFile(sampleImage);
      const peer = async () => {
        const server = await startScoringPeer('grpcio', benchRun.folder, content);
        await server.stop();
        return server.readyMs;
      };
      return interleave(benchRun.repeats, () => startImage(image), peer);
    }),
};

/** Starts the image's process as its user, in its file system, until its log says that it is ready. */
async function startImage(image: BuiltImage): Promise<number> {
  const [port, healthPort] = await freePorts(2);
  const file = image.path(CONFIGURATION);
  const configuration = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...configuration, port, healthPort }));
  const [program, args] = image.invocation([...image.entrypoint, ...image.command]);
  const startedAt = performance.now();
  const server = spawn(program, args, { cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(server, 'exit');
  let log = '';
  const ready = new Promise<void>((resolve) => {
    server.stdout.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('"message":"ready"')) {
        resolve();
      }
    });
  });
  await Promise.race([
    ready,
    ended.then(([code]) => {
      throw new Error(`the image's process ended with ${String(code)}:\n${log}`);
    }),
  ]);
  const duration = performance.now() - startedAt;
  server.kill('SIGTERM');
  await ended;
  return duration;
}

/** Returns the size of the installed packages, in bytes, without those that Python's base image has. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const ofBaseImage = /^(pip|setuptools|pkg_resources|_distutils_hack)\b/;
  const sizes = await Promise.all(
    entries
      .filter(
        (entry) => entry.isFile() && !ofBaseImage.test(path.relative(folder, entry.parentPath) || entry.name),
      )
      .map(async (entry) => (await lstat(path.join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((total, size) => total + size, 0);
}
