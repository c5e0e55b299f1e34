import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { installProviders, PROVIDERS } from '../azure/provider-mirror';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { terraformForTests } from '../support/terraform';
import { notRun } from '../support/test-results';
import { buildPrograms, builtPrograms, cacheFolder } from './cluster/build-kubernetes';
import { removeCgroup } from './cluster/cgroups';
import { writeArchive } from './image/oci-archive';
import { pauseImage } from './image/pause-image';
import { buildScoringImages } from './image/scoring-images';
import { missingRequirements } from './requirements';
import { imageSources } from './support/images';
import { PREPARATION, type Preparation } from './support/preparation';
import { resultsTable, type ScenarioResult } from './support/results';

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
    options: {
      'if-available': { type: 'boolean', default: false },
      terraform: { type: 'boolean', default: false },
    },
  });
  const missing = await missingRequirements(process.env);
  if (missing.length > 0) {
    notRun(missing.join('; '));
    return;
  }
  const preparation = await prepare(values.terraform);
  process.exitCode = await runTests(preparation, positionals);
  const results = (await readFile(preparation.resultsFile, 'utf8')).split('\n').filter(Boolean);
  if (results.length > 0) {
    say(`\n${resultsTable(results.map((line) => JSON.parse(line) as ScenarioResult))}`);
  }
}

/** Builds what the cluster needs, which takes minutes the first time. */
async function prepare(withProviders: boolean): Promise<Preparation> {
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
  const providers = withProviders ? await installProvider() : undefined;
  const resultsFile = path.join(folder, 'results.jsonl');
  await writeFile(resultsFile, '');
  // Of this run alone: others may have a cluster, too.
  const cgroup = `/cdktf-brainwave-test-${process.pid}`;
  return { programs, folder, images, cgroup, resultsFile, ...(providers !== undefined && { providers }) };
}

/** Installs Terraform's kubernetes provider, as the user's own configuration of Terraform says. */
async function installProvider(): Promise<string> {
  const terraform = await terraformForTests();
  const { kubernetes } = PROVIDERS;
  const signal = new AbortController().signal;
  const { configurationFile, versions } = await installProviders(terraform, folder, signal, { kubernetes });
  say(`${terraform.product} ${terraform.version}, kubernetes ${versions.kubernetes}`);
  return configurationFile;
}

/** Runs Jest in PID, network and mount namespaces of its own, which end everything in them when it ends. */
async function runTests(preparation: Preparation, patterns: string[]): Promise<number> {
  const jest = require.resolve('jest/bin/jest');
  const child = spawn(
    'unshare',
    [
      ...['--pid', '--net', '--mount', '--fork', '--kill-child', '--mount-proc'],
      // The first process of a PID namespace adopts orphans; a shell waits for them.
      ...['/bin/sh', '-c', '"$@"; exit $?', 'sh'],
      ...[process.execPath, jest, '--config', 'test/kubernetes/jest.config.js', '--forceExit', ...patterns],
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, [PREPARATION]: JSON.stringify(preparation) },
    },
  );
  const end = () => child.kill('SIGKILL');
  process.once('SIGTERM', end);
  // A terminal sends it to all of them, and Jest ends the cluster.
  process.once('SIGINT', () => undefined);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  await removeCgroup(preparation.cgroup);
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
