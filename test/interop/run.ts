import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { z } from 'zod';

import { writeResults } from '../support/test-results';
import { findChromium } from './browser/find-chromium';
import { preparePython, type PythonEnvironment } from './python-environment';
import { featureClassifier, imageClassifier, SAMPLE_FOLDER } from './sample-service-definitions';
import { HOSTNAME, serve, type ServerProcess } from './served-model';
import { NoReleaseError, SetupError } from './setup-error';
import { buildCollector, findCollector } from './telemetry/find-collector';
import { findPython, findPythonVersion, virtualEnvironment } from './virtual-environment';

/*
 * Runs clients in other languages against `cdktf-brainwave serve`, entry scripts in Python behind ours, and reports
 * in a browser and on a terminal. What cannot run counts as failed: a client that nobody tested is not known to work.
 */

const resultsSchema = z.object({ passed: z.number().int().min(0), failed: z.number().int().min(0) });
type Results = z.infer<typeof resultsSchema>;

const count = z.number().int().min(0);
const jestSchema = z.object({ numPassedTests: count, numFailedTests: count, numFailedTestSuites: count });

const NOTHING_RAN: Results = { passed: 0, failed: 1 };

async function runClients(): Promise<Results> {
  // A machine may have it set, and then every client trusts what it names. A user's has not.
  delete process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;
  const python = await preparePython(say);
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-interop-'));
  const servers: ServerProcess[] = [];
  try {
    const keys = { primaryKey: newKey(), secondaryKey: newKey() };
    const start = async (name: string, definition: Parameters<typeof serve>[2]) => {
      say(`starting the server "${name}"`);
      const server = await serve(folder, name, definition, keys);
      servers.push(server);
      return server.served;
    };
    const setting = {
      hostname: HOSTNAME,
      sampleFolder: SAMPLE_FOLDER,
      images: await start('images', imageClassifier()),
      features: await start('features', featureClassifier()),
      stopping: await start('stopping', featureClassifier()),
    };
    const settingFile = path.join(folder, 'setting.json');
    await writeFile(settingFile, JSON.stringify(setting), { mode: 0o600 });
    return await runPython(python, settingFile, path.join(folder, 'results.json'));
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function runPython(
  { python, stubs }: PythonEnvironment,
  settingFile: string,
  resultsFile: string,
): Promise<Results> {
  const tests = path.join(__dirname, 'python/test_interop.py');
  const child = spawn(python, [tests], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PYTHONPATH: stubs,
      PYTHONDONTWRITEBYTECODE: '1',
      // It would report each handshake that a test means to fail.
      GRPC_VERBOSITY: 'ERROR',
      INTEROP_SETTING: settingFile,
      INTEROP_RESULTS: resultsFile,
    },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const results = await readFile(resultsFile, 'utf8').catch(() => undefined);
  if (results === undefined) {
    say(`the Python tests ended with ${code ?? 'a signal'} and without results`);
    return NOTHING_RAN;
  }
  return resultsSchema.parse(JSON.parse(results));
}

/** Runs tests that need what `npm test` does without. */
async function runJest(
  suite:
    | 'clients'
    | 'entry-script'
    | 'terminal'
    | 'gitops'
    | 'browser'
    | 'model-servers'
    | 'originals'
    | 'telemetry',
  env: NodeJS.ProcessEnv = {},
): Promise<Results> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-interop-'));
  const resultsFile = path.join(folder, 'results.json');
  try {
    const config = path.join(__dirname, suite, 'jest.config.js');
    const args = [require.resolve('jest/bin/jest'), '--config', config, '--runInBand'];
    const child = spawn(process.execPath, [...args, '--json', '--outputFile', resultsFile], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...env },
    });
    await once(child, 'exit');
    const results = await readFile(resultsFile, 'utf8').catch(() => undefined);
    if (results === undefined) {
      say(`the tests in ${suite} ended without results`);
      return NOTHING_RAN;
    }
    const { numPassedTests, numFailedTests, numFailedTestSuites } = jestSchema.parse(JSON.parse(results));
    // A file that does not even load has no tests that fail.
    return { passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Large packages: the first is installed in each run, and the others with `--all`. What is installed always runs. */
const MODEL_SERVERS = ['mlserver', 'triton', 'kserve'];

/** Runs model servers from PyPI as accelerators. */
async function runModelServers(): Promise<Results> {
  const python = await findPython();
  const interpreters: Record<string, string> = {};
  for (const name of MODEL_SERVERS) {
    const requirements = { file: path.join(__dirname, 'model-servers', name, 'requirements.txt') };
    const environment = await virtualEnvironment([requirements], python);
    if (!environment.isPrepared && name !== MODEL_SERVERS[0] && !process.argv.includes('--all')) {
      say(`skipping ${name}, which is not installed; npm run test:interop -- --all installs it`);
      continue;
    }
    try {
      await environment.prepare(say);
      interpreters[name] = environment.python;
    } catch (error) {
      if (!(error instanceof NoReleaseError)) {
        throw error;
      }
      say(`skipping ${name}: ${error.message}`);
    }
  }
  const names = Object.keys(interpreters);
  if (names.length === 0) {
    return { passed: 0, failed: 0 };
  }
  say(`running ${names.join(', ')} as accelerators`);
  return runJest('model-servers', { INTEROP_MODEL_SERVERS: JSON.stringify(interpreters) });
}

/** Runs the unmodified clients of Azure ML, which need a Python of their time, and OpenVINO's. */
async function runOriginals(): Promise<Results> {
  const folder = path.join(__dirname, 'originals');
  const interpreters: Record<string, string> = {};
  const ovmsclient = await virtualEnvironment(
    [{ file: path.join(folder, 'ovmsclient.txt') }],
    await findPython(),
  );
  await ovmsclient.prepare(say);
  interpreters.ovmsclient = ovmsclient.python;
  const python = await findPythonVersion(['3.7', '3.6']);
  if (python === undefined) {
    say("skipping Azure ML's clients, which need Python 3.7 or 3.6; npm test replays what they send");
  } else {
    const azure = await virtualEnvironment(
      [
        // A dependency of TensorFlow 1 that has no wheel.
        { file: path.join(folder, 'requirements.txt'), options: ['--no-binary=gast'] },
        { file: path.join(folder, 'clients.txt'), options: ['--no-deps', '--ignore-requires-python'] },
      ],
      python,
    );
    await azure.prepare(say);
    interpreters.azure = azure.python;
  }
  say("running Azure ML's and OpenVINO's clients");
  return runJest('originals', { INTEROP_ORIGINALS: JSON.stringify(interpreters) });
}

/** Exports traces to an OpenTelemetry collector: one that is there, or with `--all`, one that is built. */
async function runTelemetry(): Promise<Results> {
  let collector = await findCollector(process.env);
  if (collector === undefined && process.argv.includes('--all')) {
    say('building the OpenTelemetry collector, which takes minutes once');
    collector = await buildCollector(process.env);
  }
  if (collector === undefined) {
    say(
      'skipping the OpenTelemetry collector, which is neither installed nor built; npm run test:interop -- --all builds it',
    );
    return { passed: 0, failed: 0 };
  }
  say('exporting traces to an OpenTelemetry collector');
  return runJest('telemetry', { INTEROP_COLLECTOR: collector });
}

/** Shows reports and the playground in Chromium. Without one, the others' results count all the same. */
async function runBrowser(): Promise<Results> {
  try {
    await findChromium(say);
  } catch (error) {
    say(describe(error));
    return NOTHING_RAN;
  }
  say('showing reports and the playground in Chromium');
  return runJest('browser');
}

function newKey(): string {
  return randomBytes(24).toString('base64url');
}

function say(line: string): void {
  process.stdout.write(`interop: ${line}\n`);
}

function describe(error: unknown): string {
  return error instanceof SetupError ? error.message : String((error as Error).stack);
}

async function runAll(): Promise<Results> {
  const clients = await runClients();
  say("building and running the examples' clients in other languages");
  const examples = await runJest('clients');
  const originals = await runOriginals();
  const modelServers = await runModelServers();
  say("running entry scripts with Azure ML's inference server, and OpenSSL's client");
  const scripts = await runJest('entry-script');
  say('running the smoke test on a terminal');
  const terminal = await runJest('terminal');
  say("checking the GitOps example's workflows and scripts with actionlint and ShellCheck");
  const gitops = await runJest('gitops');
  const telemetry = await runTelemetry();
  const browser = await runBrowser();
  const results = [clients, examples, originals, modelServers, scripts, terminal, gitops, telemetry, browser];
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
  };
}

async function runAndReport(): Promise<void> {
  const results = await runAll().catch((error: unknown) => {
    say(describe(error));
    return NOTHING_RAN;
  });
  say(`${results.passed} passed, ${results.failed} failed`);
  writeResults(results);
  process.exitCode = results.failed === 0 ? 0 : 1;
}

void runAndReport();
