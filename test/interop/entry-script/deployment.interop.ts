import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { isIP } from 'node:net';
import path from 'node:path';

import { TerraformVariable, type TerraformStack } from 'cdktf';

import {
  ApiKeys,
  LocalCompute,
  LocalOnlineEndpoint,
  ScoringCode,
  Sample,
  SmokeTest,
  SslSettings,
  type LocalOnlineEndpointProps,
} from '../../../constructs';
import { isPortFree } from '../../../lib/local/free-port';
import { TerraformProject } from '../../e2e/terraform-project';
import { freePort } from '../../support/free-port';
import { environments, example } from './endpoint-project';

const script = (factor: number) => `
import json, os

def init():
    global offset
    with open(os.path.join(os.environ["AZUREML_MODEL_DIR"], "offset.txt")) as file:
        offset = float(file.read())

def run(raw_data):
    return [[value * ${factor} + offset for value in row] for row in json.loads(raw_data)["data"]]
`;

let project: TerraformProject;
let port: number;

beforeEach(async () => {
  project = new TerraformProject();
  port = await freePort();
  mkdirSync(environments, { recursive: true });
  mkdirSync(path.join(project.folder, '.cdktf-brainwave'));
  symlinkSync(environments, path.join(project.folder, '.cdktf-brainwave/python'));
  mkdirSync(path.join(project.folder, 'code'));
  write('code/score.py', script(2));
  write('offset.txt', '1');
});

afterEach(async () => {
  await project.remove();
});

function write(file: string, text: string): void {
  writeFileSync(path.join(project.folder, file), text);
}

function declare(
  changes: Partial<LocalOnlineEndpointProps> = {},
  keys?: (stack: TerraformStack) => ApiKeys,
): void {
  project.synth((stack) => {
    const endpoint = new LocalOnlineEndpoint(stack, 'Endpoint', {
      code: new ScoringCode({ folder: 'code' }),
      model: 'offset.txt',
      requirements: path.join(example, 'requirements.txt'),
      compute: new LocalCompute({ port }),
      // No DNS knows it.
      ssl: SslSettings.selfSigned({ hostname: 'scoring.example.com' }),
      ...(keys && { keys: keys(stack) }),
      ...changes,
    });
    new SmokeTest(stack, 'SmokeTest', {
      endpoint,
      samples: [Sample.data([[1, 3, 2]])],
      expect: { jsonPath: '$[0]', argmax: 1 },
    });
  });
}

async function post(key: string): Promise<{ status: number | undefined; text: string }> {
  const { address, rootCertificateFile } = await project.service();
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: address,
        port,
        path: '/score',
        method: 'POST',
        servername: 'scoring.example.com',
        ca: readFileSync(rootCertificateFile!),
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => {
          resolve({ status: response.statusCode, text });
        });
      },
    );
    sent.once('error', reject);
    sent.end('{"data": [[10]]}');
  });
}

async function keysOf(): Promise<{ primaryKey: string; secondaryKey: string }> {
  const { keyFile } = await project.service();
  expect(statSync(keyFile!).mode & 0o777).toBe(0o600);
  return JSON.parse(readFileSync(keyFile!, 'utf8')) as { primaryKey: string; secondaryKey: string };
}

it('an endpoint is deployed, tested under a name that no DNS knows, changed in place, and destroyed without a trace', async () => {
  declare();
  await project.init();
  const { ok, output } = await project.apply();
  expect({ ok, output: ok ? '' : output }).toEqual({ ok: true, output: '' });
  expect(output).toContain('smoke test passed');
  const before = await project.service();
  const { primaryKey } = await keysOf();
  expect(before).toMatchObject({ kind: 'endpoint', port, hostname: 'scoring.example.com', ready: true });
  expect(isIP(before.address)).toBe(4);
  expect(await post(primaryKey)).toEqual({ status: 200, text: '[[21.0]]' });
  expect(await post('wrong')).toMatchObject({ status: 401 });
  expect(await project.hasChanges()).toBe(false);
  for (const text of [
    output,
    project.read('terraform.tfstate'),
    project.read('cdktf.out/stacks/e2e/cdk.tf.json'),
  ]) {
    expect(text).not.toContain(primaryKey);
  }

  write('code/score.py', script(3));
  declare();
  expect(await project.apply()).toMatchObject({ ok: true });
  expect(await project.service()).toMatchObject({ pid: before.pid, port });
  expect(await post(primaryKey)).toEqual({ status: 200, text: '[[31.0]]' });

  write('offset.txt', '5');
  declare();
  expect(await project.apply()).toMatchObject({ ok: true });
  expect(await project.service()).toMatchObject({ pid: before.pid, port });
  expect(await post(primaryKey)).toEqual({ status: 200, text: '[[35.0]]' });

  write(
    'code/score.py',
    'def init():\n    raise RuntimeError("the weights are damaged")\n\ndef run(data):\n    pass\n',
  );
  declare();
  const broken = await project.apply();
  expect(broken.ok).toBe(false);
  expect(broken.output).toContain('RuntimeError: the weights are damaged');
  expect(await post(primaryKey)).toEqual({ status: 200, text: '[[35.0]]' });

  expect(await project.destroy()).toMatchObject({ ok: true });
  expect(await project.services()).toEqual([]);
  expect(existsSync(path.join(project.folder, '.cdktf-brainwave/endpoints/e2e-endpoint'))).toBe(false);
  expect(await isPortFree('127.0.0.1', port)).toBe(true);
});

it('an endpoint takes keys from sensitive variables without showing them, and changes them in place', async () => {
  const variable = (stack: TerraformStack, id: string) =>
    new TerraformVariable(stack, id, { type: 'string', sensitive: true });
  declare({}, (stack) =>
    ApiKeys.fromVariables({
      primaryKey: variable(stack, 'primary_key'),
      secondaryKey: variable(stack, 'secondary_key'),
    }),
  );
  const variables = (version: number) => ({
    TF_VAR_primary_key: `the-primary-key-number-${version}`,
    TF_VAR_secondary_key: 'the-secondary-key',
  });
  await project.init();

  const first = await project.apply(variables(1));
  expect(first.output).toContain('smoke test passed');
  const before = await project.service();
  expect(await keysOf()).toEqual({
    primaryKey: 'the-primary-key-number-1',
    secondaryKey: 'the-secondary-key',
  });
  const second = await project.apply(variables(2));

  expect(second.output).toContain('smoke test passed');
  for (const text of [first.output, second.output, project.read('terraform.tfstate')]) {
    expect(text).not.toMatch(/the-(primary|secondary)-key/);
  }
  expect(await project.service()).toMatchObject({ pid: before.pid });
  expect(await post('the-primary-key-number-2')).toMatchObject({ status: 200 });
  expect(await post('the-primary-key-number-1')).toMatchObject({ status: 401 });
  expect(await project.destroy(variables(2))).toMatchObject({ ok: true });
});
