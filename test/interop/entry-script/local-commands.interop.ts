import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import { runCommand } from '../../support/cli';
import { until } from '../../support/until';
import { endpointProject, type EndpointProject } from './endpoint-project';

const SCRIPT = `
import os

def init():
    global weights
    with open(os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.bin")) as file:
        weights = file.read()

def run(raw_data):
    return weights
`;

let project: EndpointProject;
const run = (...args: string[]) => runCommand(['local', ...args], project.folder);

beforeEach(async () => {
  project = await endpointProject();
});

it('an endpoint is listed, started again from its own copies, logged and taken down', async () => {
  const code = await project.script(SCRIPT);
  await project.up({ code });
  const { pid, port, startedAt } = await project.endpoint.status();
  const folder = path.join(project.folder, '.cdktf-brainwave/endpoints/digits');

  // Other tools rely on these names.
  const listed = JSON.parse((await run('status', '--json')).stdout) as {
    modelVersion: string;
    metricsUrl: string;
  }[];
  expect(listed).toEqual([
    {
      kind: 'endpoint',
      name: 'digits',
      address: '127.0.0.1',
      port,
      hostname: 'scoring.localhost',
      tls: true,
      scoringUri: `https://scoring.localhost:${port}/score`,
      pid,
      ready: true,
      entryScript: 'score.py',
      model: 'model.bin',
      modelVersion: listed[0]?.modelVersion,
      keyFile: path.join(folder, 'keys.json'),
      rootCertificateFile: path.join(folder, 'trusted-roots.pem'),
      labelsFile: null,
      logFile: path.join(folder, 'server.log'),
      metricsUrl: listed[0]?.metricsUrl,
      startedAt,
    },
  ]);
  expect(listed[0]?.modelVersion).toMatch(/^[0-9a-f]{16}$/);
  expect(await project.post('{}')).toMatchObject({ status: 200 });
  const metrics = await (await fetch(listed[0]?.metricsUrl ?? '')).text();
  expect(metrics).toContain('brainwave_requests_total{method="score",code="OK"} 1');
  expect(metrics).toContain(`brainwave_model_info{model="model.bin",version="${listed[0]?.modelVersion}"`);
  expect((await run('status', 'digits')).stdout).toBe(
    `digits  ready  https://scoring.localhost:${port}/score  TLS for scoring.localhost, keys on  ` +
      `model.bin ${listed[0]?.modelVersion}  pid ${pid}  metrics ${listed[0]?.metricsUrl}\n`,
  );

  process.kill(pid!, 'SIGKILL');
  await until(async () => (await project.endpoint.status()).pid === null);
  expect((await run('status')).stdout).toContain('digits  stopped');
  const keys = await project.keys();
  await rm(code, { recursive: true });
  await rm(path.join(project.folder, 'model.bin'));
  const up = await run('up');
  expect(up).toMatchObject({ exitCode: 0, stderr: '' });
  expect(up.stdout).toMatch(/^digits: process \d+ started; [^]*\ndigits: ready on 127\.0\.0\.1:\d+\n$/);
  expect(await project.keys()).toEqual(keys);
  expect(await project.post('{}')).toMatchObject({ status: 200, text: '"weights"' });
  expect((await run('up', 'digits')).stdout).toMatch(
    /^digits: unchanged on 127\.0\.0\.1:\d+ \(process \d+\)\n$/,
  );
  chmodSync(path.join(folder, 'keys.json'), 0o644);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const refused = await run('up', 'digits');
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^error: the key file \S+keys\.json is accessible to users other than its owner/,
    );
  }
  chmodSync(path.join(folder, 'keys.json'), 0o600);

  const logs = await run('logs', 'digits');
  expect(logs.stdout).toBe(readFileSync(path.join(folder, 'server.log'), 'utf8'));
  expect(logs.stdout).toContain('"message":"listening"');

  const down = await run('down', 'digits', '--remove');
  expect(down).toMatchObject({ exitCode: 0, stderr: '' });
  expect(existsSync(folder)).toBe(false);
});

it('an endpoint that cannot be started again is named, with the reason', async () => {
  await project.up({ code: await project.script(SCRIPT) });
  const { pid } = await project.endpoint.status();
  process.kill(pid!, 'SIGKILL');
  await until(async () => (await project.endpoint.status()).pid === null);
  const deployments = path.join(project.folder, '.cdktf-brainwave/endpoints/digits/deployments');
  await rm(deployments, { recursive: true });

  const { exitCode, stderr } = await run('up');

  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^error: the copies of endpoint "digits" were removed.*destroy the stack and apply it again/,
  );
});
