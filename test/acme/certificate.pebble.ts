import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';

import type { TerraformStack } from 'cdktf';

import {
  AcmeChallenge,
  AcmeProvider,
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
  SslSettings,
} from '../../constructs';
import { PredictionClient } from '../../lib/client';
import { messageOf } from '../../lib/errors/brainwave-error';
import { images } from '../e2e/sample';
import { freePort, TerraformProject, type Outcome } from '../e2e/terraform-project';
import { afterwards } from '../support/cleanup';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { until } from '../support/until';
import { HttpreqRecords } from './httpreq-records';
import { PebbleAuthority } from './pebble-authority';

const HOSTNAME = 'scoring.example.com';
/** More days than any certificate of Pebble is valid: the next apply renews it. */
const ALWAYS = 100_000;

let records: HttpreqRecords;
let authority: PebbleAuthority;
let environment: NodeJS.ProcessEnv;
let project: TerraformProject;
let port: number;

beforeEach(async () => {
  records = await HttpreqRecords.start();
  authority = await PebbleAuthority.start(records.nameserver);
  environment = { ...authority.environment, ...records.environment };
  project = new TerraformProject('acme-');
  afterwards(() => project.remove());
  writeFileSync(path.join(project.folder, 'root.pem'), authority.rootCertificate);
  port = await freePort();
});

interface Options {
  readonly renewBeforeDays?: number;
  readonly alternativeNames?: string[];
}

async function apply(options: Options = {}): Promise<Outcome> {
  project.synth(declare(options));
  await project.init();
  return project.apply(environment);
}

function declare({ renewBeforeDays, alternativeNames }: Options): (stack: TerraformStack) => void {
  return (stack) => {
    new AcmeProvider(stack, 'acme', { serverUrl: authority.directoryUrl });
    const service = new BrainwaveWebservice(stack, 'Service', {
      model: new RegisteredModel(stack, 'Model', {
        workspace: new LocalWorkspace(stack, 'Workspace'),
        name: 'efficientnet-lite0',
        serviceDefinition: sampleServiceDefinition(),
      }),
      ssl: SslSettings.fromAcme({
        hostname: HOSTNAME,
        alternativeNames,
        challenge: AcmeChallenge.dnsProvider({
          providerCode: 'httpreq',
          nameservers: [records.nameserver],
          propagationWaitSeconds: 1,
        }),
        renewBeforeDays,
        rootCertificateFile: 'root.pem',
      }),
      compute: new LocalCompute({ port }),
    });
    new SmokeTest(stack, 'SmokeTest', {
      service,
      samples: [Sample.image(images.chelsea)],
      expect: { label: 'tiger cat' },
    });
  };
}

async function deployed(): Promise<string> {
  const { ok, output } = await apply();
  if (!ok) {
    throw new Error(output);
  }
  return output;
}

/** Serial number of the certificate that the service presents to a client that trusts the authority. */
function servedSerial(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect(
      {
        host: '127.0.0.1',
        port,
        servername: HOSTNAME,
        ca: authority.rootCertificate,
        ALPNProtocols: ['h2'],
      },
      () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      },
    );
    socket.once('error', reject);
  });
}

interface Callers {
  made: number;
  readonly lost: string[];
  stop(): Promise<void>;
}

/** One caller that keeps its connection, and one that connects anew for each call. */
async function startCallers(): Promise<Callers> {
  const { keyFile } = await project.service();
  const { primaryKey } = JSON.parse(readFileSync(keyFile!, 'utf8')) as { primaryKey: string };
  const image = readFileSync(images.chelsea);
  const connect = () =>
    new PredictionClient({
      address: `127.0.0.1:${port}`,
      serverName: HOSTNAME,
      rootCertificates: authority.rootCertificate,
      key: primaryKey,
    });
  let isStopped = false;
  const calls = {
    made: 0,
    lost: [] as string[],
    stop: async () => {
      isStopped = true;
      await Promise.all(callers);
    },
  };
  const call = async (client: PredictionClient) => {
    calls.made += 1;
    await client.classify(image, { top: 1 }).catch((error: unknown) => {
      calls.lost.push(messageOf(error));
    });
  };
  const callers = [true, false].map(async (keepsConnection) => {
    let client = connect();
    while (!isStopped) {
      await call(client);
      if (!keepsConnection) {
        client.close();
        client = connect();
      }
    }
    client.close();
  });
  return calls;
}

it('a service gets its certificate from the authority, and the next one while callers lose no call', async () => {
  const output = await deployed();
  expect(output).toMatch(/\(local-exec\): smoke test passed/);
  const { pid } = await project.service();
  const before = await servedSerial();
  const { ok: isUnchanged } = await project.terraformIn('e2e', environment, 'plan', '-detailed-exitcode');
  expect(isUnchanged).toBe(true);

  const callers = await startCallers();
  await until(() => callers.made >= 4);
  const renewal = await apply({ renewBeforeDays: ALWAYS });
  const madeBefore = callers.made;
  await until(() => callers.made >= madeBefore + 4);
  await callers.stop();

  expect(renewal).toMatchObject({ ok: true });
  expect(renewal.output).toMatch(/acme_certificate\.\w+: Modifications complete/);
  expect(renewal.output).toMatch(/\(local-exec\): smoke test passed/);
  expect(callers.lost).toEqual([]);
  expect(await servedSerial()).not.toBe(before);
  // The process goes on: it has loaded the new certificate.
  expect((await project.service()).pid).toBe(pid);
  const [, secretLine] = project.read('.cdktf-brainwave/services/e2e-service/private-key.pem').split('\n');
  for (const text of [project.read('cdktf.out/stacks/e2e/cdk.tf.json'), output, renewal.output]) {
    expect(text).not.toContain(secretLine);
  }
  // As the documentation says.
  expect(project.read('terraform.tfstate')).toContain(secretLine);
  expect(await project.destroy(environment)).toMatchObject({ ok: true });
});

it('the certificate stays in service if the authority is down: Terraform plans without a refresh, and a renewal says what it could not reach', async () => {
  await deployed();
  const before = await servedSerial();
  await authority.stop();
  const planned = await project.terraformIn(
    'e2e',
    environment,
    'plan',
    '-refresh=false',
    '-detailed-exitcode',
  );
  expect(planned).toMatchObject({ ok: true });

  const { ok, output } = await apply({ renewBeforeDays: ALWAYS });

  expect(ok).toBe(false);
  expect(output).toMatch(/Error: .*127\.0\.0\.1:\d+\/dir.*connection refused/s);
  expect(await servedSerial()).toBe(before);
});

it('the certificate stays in service if the authority refuses the challenge, and Terraform says why', async () => {
  await deployed();
  const before = await servedSerial();
  records.forge();

  const { ok, output } = await apply({ alternativeNames: ['pets.example.com'] });

  expect(ok).toBe(false);
  expect(output).toMatch(/Error: .*urn:ietf:params:acme:error:unauthorized/s);
  expect(output).toContain('example.com');
  expect(await servedSerial()).toBe(before);
});
