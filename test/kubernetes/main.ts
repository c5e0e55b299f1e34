import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { sampleServiceDefinition } from '../support/sample-service-definition';
import { buildPrograms, builtPrograms, cacheFolder } from './cluster/build-kubernetes';
import { removePodCgroups } from './cluster/cgroups';
import { writeArchive } from './image/oci-archive';
import { pauseImage } from './image/pause-image';
import { buildScoringImages } from './image/scoring-images';
import { missingRequirements } from './requirements';
import { imageSources } from './support/images';
import { PREPARATION, type Preparation } from './support/preparation';

/*
 * `npm run test:kubernetes`: starts a Kubernetes cluster on this machine and deploys web services to it. README.md says how.
 *
 *     npm run test:kubernetes -- --if-available first-deployment
 */

const root = path.resolve(__dirname, '../..');
const folder = path.join(root, 'build/kubernetes');

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'if-available': { type: 'boolean', default: false } },
  });
  const missing = await missingRequirements(process.env);
  if (missing.length > 0) {
    say(`not run: ${missing.join('; ')}`);
    process.exitCode = values['if-available'] ? 0 : 1;
    return;
  }
  process.exitCode = await runTests(await prepare(), positionals);
}

/** Builds what the cluster needs, which takes minutes the first time. */
async function prepare(): Promise<Preparation> {
  const { env } = process;
  await mkdir(folder, { recursive: true });
  const programs =
    (await builtPrograms(env)) ??
    (await timed('building Kubernetes, which takes minutes once', () => buildPrograms(env)));
  const scoringImages = await timed('building the images', () =>
    buildScoringImages(imageSources(), sampleServiceDefinition()._toZip(), cacheFolder(env)),
  );
  const images = path.join(folder, 'images.tar');
  await writeArchive([...scoringImages, await pauseImage(programs, folder)], images);
  return { programs, folder, images };
}

/** Runs Jest in PID, network and mount namespaces of its own, which end everything in them when it ends. */
async function runTests({ folder: cwd, ...preparation }: Preparation, patterns: string[]): Promise<number> {
  const jest = require.resolve('jest/bin/jest');
  const child = spawn(
    'unshare',
    [
      ...['--pid', '--net', '--mount', '--fork', '--kill-child', '--mount-proc'],
      // The first process of a PID namespace adopts orphans; a shell waits for them.
      ...['/bin/sh', '-c', '"$@"; exit $?', 'sh'],
      ...[process.execPath, jest, '--config', 'test/kubernetes/jest.config.js', ...patterns],
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, [PREPARATION]: JSON.stringify({ ...preparation, folder: cwd }) },
    },
  );
  const end = () => child.kill('SIGKILL');
  process.once('SIGTERM', end);
  // A terminal sends it to all of them, and Jest ends the cluster.
  process.once('SIGINT', () => undefined);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  await removePodCgroups();
  return exitCode ?? 1;
}

async function timed<Result>(title: string, action: () => Promise<Result>): Promise<Result> {
  say(`${title} …`);
  const start = performance.now();
  const result = await action();
  say(`${title}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return result;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
