import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';

import { TerraformVariable, type TerraformStack } from 'cdktf';

import {
  ApiKeys,
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
  SslSettings,
  type ServiceDefinition,
  type SmokeTestExpectation,
} from '../../constructs';
import { PredictionClient } from '../../lib/client';
import { createAuthority, issueCertificate } from '../support/certificates';
import { sampleServiceDefinition, sampleWithClassifier } from '../support/sample-service-definition';
import { images, writeShuffledClassifier } from './sample';
import { freePort, TerraformProject } from './terraform-project';

interface Declaration {
  readonly port: number;
  readonly definition?: ServiceDefinition;
  readonly image?: string;
  readonly expect?: SmokeTestExpectation;
  readonly ssl?: SslSettings;
  readonly keys?: (stack: TerraformStack) => ApiKeys;
}

function declare({
  port,
  definition,
  image,
  expect,
  ssl,
  keys,
}: Declaration): (stack: TerraformStack) => void {
  return (stack) => {
    const workspace = new LocalWorkspace(stack, 'Workspace');
    const model = new RegisteredModel(stack, 'Model', {
      workspace,
      name: 'efficientnet-lite0',
      serviceDefinition: definition ?? sampleServiceDefinition(),
    });
    const service = new BrainwaveWebservice(stack, 'Service', {
      model,
      ssl: ssl ?? SslSettings.selfSigned({ hostname: 'scoring.localhost' }),
      compute: new LocalCompute({ port }),
      ...(keys && { keys: keys(stack) }),
    });
    new SmokeTest(stack, 'SmokeTest', {
      service,
      samples: [Sample.image(image ?? images.chelsea)],
      expect: expect ?? { label: 'tiger cat' },
    });
  };
}

interface Report {
  readonly passed: boolean;
  readonly failure?: { readonly code: string };
  readonly samples: readonly { readonly topClasses: readonly { readonly label: string }[] }[];
}

let project: TerraformProject;
let port: number;

beforeEach(async () => {
  project = new TerraformProject();
  port = await freePort();
});

afterEach(async () => {
  await project.remove();
});

async function deploy(declaration: Omit<Declaration, 'port'> = {}): Promise<string> {
  project.synth(declare({ port, ...declaration }));
  await project.init();
  const { ok, output } = await project.apply();
  if (!ok) {
    throw new Error(output);
  }
  return output;
}

async function change(declaration: Omit<Declaration, 'port'>, environment?: NodeJS.ProcessEnv) {
  project.synth(declare({ port, ...declaration }));
  return project.apply(environment);
}

function report(): Report {
  return JSON.parse(project.read('.cdktf-brainwave/reports/e2e-smoke-test.json')) as Report;
}

async function keysOf(): Promise<{ primaryKey: string; secondaryKey: string }> {
  const { keyFile } = await project.service();
  return JSON.parse(readFileSync(keyFile!, 'utf8')) as { primaryKey: string; secondaryKey: string };
}

describe('a stack with a local compute', () => {
  it('deploys a service, shows its smoke test, has nothing to change after it, and is destroyed without a trace', async () => {
    const output = await deploy();

    expect(output).toMatch(/\(local-exec\): ✓ health/);
    expect(output).toMatch(/\(local-exec\): ✓ authentication .*rejected/);
    expect(output).toMatch(/\(local-exec\):\s+tiger cat +█+.* 39\.\d %/);
    expect(output).toMatch(/\(local-exec\): smoke test passed/);
    expect(report().passed).toBe(true);
    const service = await project.service();
    expect(service).toMatchObject({
      address: '127.0.0.1',
      port,
      tls: true,
      ready: true,
      hostname: 'scoring.localhost',
    });
    expect(statSync(path.dirname(service.keyFile!)).mode & 0o777).toBe(0o700);
    expect(statSync(service.keyFile!).mode & 0o777).toBe(0o600);
    expect(await project.hasChanges()).toBe(false);

    const destroyed = await project.destroy();

    expect(destroyed).toMatchObject({ ok: true });
    await expect(connect(port)).rejects.toThrow('ECONNREFUSED');
    expect(existsSync(path.dirname(service.keyFile!))).toBe(false);
    expect(existsSync(path.join(project.folder, '.cdktf-brainwave/models/efficientnet-lite0'))).toBe(false);
  });

  it('writes no key, no private key and no path of this machine into what it synthesizes, nor keys into the state', async () => {
    await deploy();
    const { primaryKey, secondaryKey } = await keysOf();
    const { keyFile } = await project.service();
    const privateKey = readFileSync(path.join(path.dirname(keyFile!), 'private-key.pem'), 'utf8');
    const secretLine = privateKey.split('\n')[1];

    const json = project.read('cdktf.out/stacks/e2e/cdk.tf.json');
    const state = project.read('terraform.tfstate');
    const log = project.read('.cdktf-brainwave/services/e2e-service/server.log');

    for (const text of [json, state, log, JSON.stringify(report())]) {
      expect(text).not.toContain(primaryKey);
      expect(text).not.toContain(secondaryKey);
      expect(text).not.toContain(secretLine);
    }
    expect(json).not.toContain(project.folder);
    expect(json).not.toContain(`${homedir()}/`);
  });

  it('fails the apply when a changed model answers wrong, and leaves the service and the previous version', async () => {
    await deploy();
    const before = await project.service();
    const shuffled = path.join(project.folder, 'classifier.pb');
    writeShuffledClassifier(shuffled);

    const { ok, output } = await change({ definition: sampleWithClassifier(shuffled) });

    expect(ok).toBe(false);
    expect(output).toMatch(/smoke test failed: predicted "Persian cat".*expected "tiger cat"/s);
    // Terraform repeats the output of the step in its error.
    expect(output.match(/\(local-exec\): .*predicted "Persian cat"/g)).toHaveLength(1);
    // The reason comes before the checks, and the last line says what it means for callers.
    const [, repeated] = output.split('Output: ');
    expect(repeated.replace(/\n│? */g, ' ')).toMatch(/^[^✓✗]*smoke test failed: predicted "Persian cat"/);
    expect(output).toContain('callers already reach this version');
    expect(report()).toMatchObject({ passed: false, failure: { code: 'EXPECTATION_FAILED' } });
    const after = await project.service();
    expect(after).toMatchObject({ pid: before.pid, port: before.port, ready: true });
    expect(after.modelVersion).not.toBe(before.modelVersion);
    const versions = path.join(project.folder, '.cdktf-brainwave/models/efficientnet-lite0');
    expect(existsSync(path.join(versions, before.modelVersion))).toBe(true);
    // The failed test is tainted: the next apply runs it again, and rolling back is declaring the former model.
    expect(await change({})).toMatchObject({ ok: true });
    expect(await project.service()).toMatchObject({ pid: before.pid, modelVersion: before.modelVersion });
  });

  it('smoke-tests again when the image changes, with the result of that image', async () => {
    await deploy();
    expect(report().samples[0].topClasses[0].label).toBe('tiger cat');

    const wrong = await change({ image: images.coffee });
    expect(wrong.ok).toBe(false);
    expect(wrong.output).toContain('"espresso"');

    const right = await change({
      image: images.coffee,
      expect: { label: 'espresso', minimumProbability: 0.9 },
    });
    expect(right.ok).toBe(true);
    expect(report().samples[0].topClasses[0].label).toBe('espresso');
  });

  it('rotates one key while the other stays valid, in place', async () => {
    await deploy();
    const before = await project.service();
    const former = await keysOf();

    const { ok } = await change({ keys: () => ApiKeys.generated({ primaryRotation: '2' }) });

    expect(ok).toBe(true);
    const now = await keysOf();
    expect(now.primaryKey).not.toBe(former.primaryKey);
    expect(now.secondaryKey).toBe(former.secondaryKey);
    expect(await project.service()).toMatchObject({ pid: before.pid, port: before.port });
    expect(await scoreWith(now.primaryKey)).toBe(1000);
    expect(await scoreWith(former.secondaryKey)).toBe(1000);
    await expect(scoreWith(former.primaryKey)).rejects.toThrow('key');
  });

  it('accepts keys from sensitive variables without showing them, and changes them in place', async () => {
    const keys = (stack: TerraformStack) =>
      ApiKeys.fromVariables({
        primaryKey: new TerraformVariable(stack, 'primary_key', { type: 'string', sensitive: true }),
        secondaryKey: new TerraformVariable(stack, 'secondary_key', { type: 'string', sensitive: true }),
      });
    const variables = (version: number) => ({
      TF_VAR_primary_key: `the-primary-key-number-${version}`,
      TF_VAR_secondary_key: 'the-secondary-key',
    });
    project.synth(declare({ port, keys }));
    await project.init();

    const first = await project.apply(variables(1));
    const before = await project.service();
    const second = await project.apply(variables(2));

    expect(first.output).toContain('smoke test passed');
    expect(second.output).toContain('smoke test passed');
    for (const text of [first.output, second.output, project.read('terraform.tfstate')]) {
      expect(text).not.toMatch(/the-(primary|secondary)-key/);
    }
    expect(await project.service()).toMatchObject({ pid: before.pid });
    expect(await scoreWith('the-primary-key-number-2')).toBe(1000);
    await expect(scoreWith('the-primary-key-number-1')).rejects.toThrow('key');
    expect(await project.destroy(variables(2))).toMatchObject({ ok: true });
  });

  it('changes to a certificate of another authority, and turns TLS off, without another process or port', async () => {
    await deploy();
    const before = await project.service();
    const authority = await createAuthority({ name: 'Example Root' });
    const issued = await issueCertificate({ names: ['scoring.example.com'], issuer: authority });
    const folder = path.join(project.folder, 'certificates');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'chain.pem'), issued.chain);
    writeFileSync(path.join(folder, 'key.pem'), issued.privateKey, { mode: 0o600 });
    writeFileSync(path.join(folder, 'root.pem'), authority.certificate);

    const pem = await change({
      ssl: SslSettings.fromPemFiles({
        certificateFile: 'certificates/chain.pem',
        privateKeyFile: 'certificates/key.pem',
        rootCertificateFile: 'certificates/root.pem',
      }),
    });
    expect(pem.output).toContain('smoke test passed');
    expect(await project.service()).toMatchObject({ pid: before.pid, port, hostname: 'scoring.example.com' });

    const plain = await change({ ssl: SslSettings.disabled() });
    expect(plain.output).toContain(
      'TLS is disabled and keys are checked only with TLS: anyone who can connect can call',
    );
    expect(await project.service()).toMatchObject({ pid: before.pid, port, tls: false, keyFile: null });
  });

  it('reports which port is taken when another process has it', async () => {
    const stranger = await listen(port);
    project.synth(declare({ port }));
    await project.init();

    const { ok, output } = await project.apply();

    await new Promise((resolve) => stranger.close(resolve));
    expect(ok).toBe(false);
    expect(output).toContain(`port ${port} on 127.0.0.1 is in use by process ${process.pid} (node)`);
    expect(output).toContain('LocalCompute({ port: … })');
  });

  it('finds a process that has died, and starts it again by hand or with the next change', async () => {
    await deploy();
    const first = await project.service();
    process.kill(first.pid!, 'SIGKILL');

    expect(await project.command('local', 'up')).toMatchObject({ ok: true });
    const second = await project.service();
    expect(second).toMatchObject({ ready: true, port });
    expect(second.pid).not.toBe(first.pid);

    process.kill(second.pid!, 'SIGKILL');
    expect(await change({ keys: () => ApiKeys.generated({ primaryRotation: '2' }) })).toMatchObject({
      ok: true,
    });
    expect(await project.service()).toMatchObject({ ready: true, port });
  });
});

/** Scores the sample image and gives the number of classes. */
async function scoreWith(key: string): Promise<number> {
  const { rootCertificateFile } = await project.service();
  const client = new PredictionClient({
    address: `127.0.0.1:${port}`,
    serverName: 'scoring.localhost',
    rootCertificates: readFileSync(rootCertificateFile!),
    key,
  });
  try {
    return (await client.predictImage(readFileSync(images.chelsea))).length;
  } finally {
    client.close();
  }
}

async function listen(onPort: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(onPort, '127.0.0.1', resolve));
  return server;
}

function connect(toPort: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port: toPort, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
