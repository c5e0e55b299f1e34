import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { readServeConfiguration } from '../../lib/serving/configuration-file';
import { createAuthority, issueCertificate, type IssuedCertificate } from '../support/certificates';
import { FakeMachine } from './fake-machine';

const folder = path.resolve(__dirname, '../../machine/fpga');
const scripts = readdirSync(folder).filter((name) => !/\.(service|socket|timer)$/.test(name));

const SERVE = 'run/brainwave/serve';
const PEM = 'application/x-pem-file';

let machine: FakeMachine;
let issued: IssuedCertificate;

beforeAll(async () => {
  const authority = await createAuthority({ name: 'Test Root' });
  const intermediate = await createAuthority({ name: 'Test Intermediate', issuer: authority });
  issued = await issueCertificate({ names: ['scoring.example.com'], issuer: intermediate });
});

beforeEach(async () => {
  machine = new FakeMachine();
  await machine.start();
});

afterEach(async () => {
  await machine.stop();
});

interface Settings {
  readonly image?: string;
  readonly healthAddress?: string;
  readonly accelerator?: object;
  readonly certificate?: object;
  readonly keys?: boolean;
  readonly revision?: string;
  readonly version?: number;
}

/** User data as the constructs write it. */
function userData({
  image = 'pets:1',
  healthAddress,
  accelerator,
  certificate,
  keys = true,
  revision = '1',
  version = 1,
}: Settings = {}): string {
  const url = (name: string) => `${machine.address}/secrets/${name}`;
  return JSON.stringify({
    version,
    identityClientId: 'scoring',
    registries: [machine.address],
    scoring: { image, port: 443, healthAddress },
    accelerator: { image: 'accelerator:1', devices: 1, args: [], environment: {}, ...accelerator },
    secrets: {
      certificate: certificate ?? { chain: url('chain'), privateKey: url('private-key') },
      ...(keys && { keys: { primary: url('primary'), secondary: url('secondary') } }),
      revision,
    },
    server: {
      model: { name: 'pets', version: '1', path: '/opt/model.zip' },
      host: '0.0.0.0',
      port: 50_051,
      healthPort: 8081,
      tls: { certificateFile: 'certificate.pem', privateKeyFile: 'private-key.pem' },
      ...(keys && { keyFile: 'keys.json' }),
    },
  });
}

function putSecrets(): void {
  machine.secrets.set('/secrets/chain', { value: issued.chain, contentType: PEM });
  machine.secrets.set('/secrets/private-key', { value: issued.privateKey, contentType: PEM });
  machine.secrets.set('/secrets/primary', { value: 'first "key"', contentType: 'text/plain' });
  machine.secrets.set('/secrets/secondary', { value: 'second-key', contentType: 'text/plain' });
}

async function configure(settings: Settings = {}) {
  machine.userData = userData(settings);
  return machine.run('configure');
}

describe('the scripts of a machine', () => {
  it.each(scripts)('%s is a shell script without a mistake in its syntax', (script) => {
    expect(() => execFileSync('bash', ['-n', path.join(folder, script)])).not.toThrow();
  });

  it('are what the units run', () => {
    const units = readdirSync(folder).filter((name) => !scripts.includes(name));
    const run = units.flatMap((unit) =>
      [...readFileSync(path.join(folder, unit), 'utf8').matchAll(/\/usr\/local\/lib\/brainwave\/(\S+)/g)].map(
        ([, script]) => script,
      ),
    );
    expect(scripts).toEqual(expect.arrayContaining(run));
    expect(run.sort()).toEqual([
      'configure',
      'health',
      'prepare-network',
      'run-accelerator',
      'run-scoring-server',
      'secrets',
    ]);
  });
});

describe('a machine that is configured', () => {
  beforeEach(putSecrets);

  it('logs in as its identity, fetches images and secrets, and then starts both containers', async () => {
    expect(await configure()).toMatchObject({ code: 0 });

    const service = new URL(machine.address).host;
    expect(machine.calls()).toEqual([
      `docker login ${service} --username 00000000-0000-0000-0000-000000000000 --password-stdin`,
      'password refresh-token',
      'docker pull --quiet accelerator:1',
      'docker pull --quiet pets:1',
      'systemctl restart brainwave-accelerator.service',
      'systemctl restart brainwave-scoring-server.service',
      'docker image prune --all --force --filter until=24h',
    ]);
    expect(JSON.parse(machine.read(`${SERVE}/keys.json`) ?? '')).toEqual({
      primaryKey: 'first "key"',
      secondaryKey: 'second-key',
    });
    expect(machine.read(`${SERVE}/certificate.pem`)?.trim()).toBe(issued.chain.trim());
    for (const file of ['keys.json', 'certificate.pem', 'private-key.pem', 'configuration.json']) {
      expect([file, machine.mode(`${SERVE}/${file}`)]).toEqual([file, 0o600]);
    }
    expect(machine.mode(SERVE)).toBe(0o700);
  });

  it('writes a configuration that the scoring server takes', async () => {
    await configure();
    const configuration = await readServeConfiguration(path.join(machine.root, SERVE, 'configuration.json'));
    // The stack computes the same hash of the user data, and its smoke test requires it.
    expect(configuration.revision).toBe(createHash('sha256').update(machine.userData).digest('hex'));
    expect(configuration).toMatchObject({
      port: 50_051,
      keyFile: path.join(machine.root, SERVE, 'keys.json'),
    });
  });

  it('leaves everything alone while its user data is the same', async () => {
    await configure();
    machine.calls();
    expect(await configure()).toMatchObject({ code: 0 });
    expect(machine.calls()).toEqual([]);
  });

  it('starts another scoring server for another model, and leaves the accelerator running', async () => {
    await configure();
    machine.calls();
    await configure({ image: 'pets:2' });
    const calls = machine.calls();
    expect(calls).toContain('docker pull --quiet pets:2');
    expect(calls).toContain('systemctl start brainwave-accelerator.service');
    expect(calls).toContain('systemctl restart brainwave-scoring-server.service');
  });

  it('has the running scoring server read changed keys, without another container', async () => {
    await configure();
    machine.calls();
    machine.secrets.set('/secrets/primary', { value: 'third-key', contentType: 'text/plain' });
    expect(await configure({ revision: '2' })).toMatchObject({ code: 0 });
    const calls = machine.calls();
    expect(calls).toContain('systemctl reload-or-restart brainwave-scoring-server.service');
    expect(calls.join()).not.toContain('systemctl restart');
    expect(machine.read(`${SERVE}/keys.json`)).toContain('third-key');
  });

  it('removes keys that are not used any more', async () => {
    await configure();
    await configure({ keys: false });
    expect(machine.read(`${SERVE}/keys.json`)).toBeUndefined();
  });

  it('starts another accelerator for another image of it', async () => {
    await configure();
    machine.calls();
    await configure({ accelerator: { image: 'accelerator:2' } });
    const calls = machine.calls();
    expect(calls).toContain('docker pull --quiet accelerator:2');
    expect(calls).toContain('systemctl restart brainwave-accelerator.service');
    expect(calls).toContain('systemctl reload-or-restart brainwave-scoring-server.service');
  });

  it('stops nothing if the new image does not exist, and retries', async () => {
    await configure();
    machine.calls();
    machine.imagesExist = false;
    expect(await configure({ image: 'pets:2' })).toMatchObject({ code: 1 });
    expect(machine.calls().join()).not.toContain('systemctl');
    machine.imagesExist = true;
    expect(await machine.run('configure')).toMatchObject({ code: 0 });
    expect(machine.calls()).toContain('systemctl restart brainwave-scoring-server.service');
  });

  it('serves what it served where a secret is missing, and shows no other', async () => {
    await configure();
    machine.calls();
    machine.secrets.delete('/secrets/secondary');
    const { code, output } = await configure({ image: 'pets:2' });
    expect(code).not.toBe(0);
    expect(output).toContain('404');
    expect(output).not.toContain('key"');
    expect(machine.calls().join()).not.toContain('systemctl');
    expect(JSON.parse(machine.read(`${SERVE}/keys.json`) ?? '')).toMatchObject({
      secondaryKey: 'second-key',
    });
  });

  it('keeps a certificate whose key has not been changed yet', async () => {
    await configure();
    const other = await issueCertificate({ names: ['scoring.example.com'] });
    machine.secrets.set('/secrets/chain', { value: other.chain, contentType: PEM });
    expect(await machine.run('secrets')).toMatchObject({
      code: 1,
      output: expect.stringContaining('do not belong together; the former ones stay in use') as string,
    });
    expect(machine.read(`${SERVE}/certificate.pem`)?.trim()).toBe(issued.chain.trim());
  });

  it('asks for new scripts where the user data is of another version', async () => {
    const { code, output } = await configure({ version: 2 });
    expect(code).toBe(1);
    expect(output).toContain('reimage the machine, which brings it the new ones');
  });

  it('leaves no token and no secret behind, in files of its own or as an argument', async () => {
    await configure();
    const found = execFileSync('grep', ['-rlE', 'token-of|second-key|PRIVATE KEY', machine.root]).toString();
    const files = found
      .trim()
      .split('\n')
      .map((file) => path.relative(machine.root, file));
    expect(files.sort()).toEqual([`${SERVE}/keys.json`, `${SERVE}/private-key.pem`]);
  });
});

describe('the timer that looks for renewed secrets', () => {
  beforeEach(putSecrets);

  it('has the scoring server read a certificate that Key Vault has renewed, and only then', async () => {
    const bundle = { bundle: `${machine.address}/secrets/scoring` };
    machine.secrets.set('/secrets/scoring', {
      value: `${issued.privateKey}${issued.chain}`,
      contentType: PEM,
    });
    await configure({ certificate: bundle });
    machine.calls();

    expect(await machine.run('secrets')).toMatchObject({ code: 0 });
    expect(machine.calls()).toEqual([]);

    const renewed = await issueCertificate({ names: ['scoring.example.com'], keyType: 'rsa' });
    machine.secrets.set('/secrets/scoring', {
      value: `${renewed.privateKey}${renewed.chain}`,
      contentType: PEM,
    });
    expect(await machine.run('secrets')).toMatchObject({ code: 0 });
    expect(machine.calls()).toEqual(['systemctl reload --no-block brainwave-scoring-server.service']);
    expect(machine.read(`${SERVE}/certificate.pem`)?.trim()).toBe(renewed.chain.trim());
    expect(machine.read(`${SERVE}/private-key.pem`)?.trim()).toBe(renewed.privateKey.trim());
  });

  it('splits a PKCS#12 certificate of a Key Vault, with the server certificate first', async () => {
    const file = (name: string, content: string) => {
      writeFileSync(path.join(machine.root, name), content);
      return path.join(machine.root, name);
    };
    const [own, ...others] = issued.chain.split(/(?<=-----END CERTIFICATE-----\n)/);
    const pfx = execFileSync('openssl', [
      'pkcs12',
      '-export',
      '-inkey',
      file('key.pem', issued.privateKey),
      '-in',
      file('own.pem', own),
      '-certfile',
      file('chain.pem', others.join('')),
      '-passout',
      'pass:',
    ]);
    machine.secrets.set('/secrets/scoring', {
      value: pfx.toString('base64'),
      contentType: 'application/x-pkcs12',
    });
    const outcome = await configure({ certificate: { bundle: `${machine.address}/secrets/scoring` } });
    expect(outcome).toMatchObject({ code: 0 });
    expect(machine.read(`${SERVE}/certificate.pem`)?.trim()).toBe(issued.chain.trim());
    expect(machine.read(`${SERVE}/private-key.pem`)).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  it('does nothing on a machine that is not configured yet', async () => {
    expect(await machine.run('secrets')).toMatchObject({ code: 0 });
    expect(machine.calls()).toEqual([]);
  });
});

describe('the containers', () => {
  const ACCELERATOR = { args: ['--model', 'a b'], environment: { NAME: 'a value' }, entrypoint: '/serve' };

  beforeEach(async () => {
    putSecrets();
    machine.write('dev/dri/renderD128', '');
    machine.write('dev/dri/renderD129', '');
    machine.write('dev/dri/renderD130', '');
    machine.write('sys/class/drm/renderD128/device/vendor', '0x1414\n');
    machine.write('sys/class/drm/renderD129/device/vendor', '0x10ee\n');
    machine.write('sys/class/drm/renderD130/device/vendor', '0x10ee\n');
    await configure({ accelerator: ACCELERATOR });
    machine.calls();
  });

  it('run the scoring server read-only, as no one, with no capability', async () => {
    await machine.run('run-scoring-server');
    const [call] = machine.calls();
    for (const option of [
      '--read-only',
      '--cap-drop ALL',
      '--security-opt no-new-privileges',
      '--publish 443:50051',
      '--publish 127.0.0.1:8081:8081',
      `--volume ${machine.root}/${SERVE}:/etc/cdktf-brainwave:ro pets:1`,
    ]) {
      expect(call).toContain(option);
    }
  });

  it('publish the metrics of the scoring server on the address that the stack sets', async () => {
    await configure({ healthAddress: '0.0.0.0' });
    machine.calls();
    await machine.run('run-scoring-server');
    expect(machine.calls()[0]).toContain('--publish 0.0.0.0:8081:8081');
  });

  it('give the accelerator as many FPGAs as it asks for, and no other device', async () => {
    machine.write('dev/xclmgmt1024', '');
    await machine.run('run-accelerator');
    const [call] = machine.calls();
    expect(call).toContain(
      `--device ${machine.root}/dev/dri/renderD129 --device ${machine.root}/dev/xclmgmt1024 --env`,
    );
    expect(call).toContain('--network-alias accelerator');
    expect(call).toContain('--env NAME=a value --entrypoint /serve accelerator:1 --model a b');
    expect(call).not.toMatch(/renderD128|renderD130/);

    await configure({ accelerator: { ...ACCELERATOR, devices: 2 } });
    machine.calls();
    await machine.run('run-accelerator');
    expect(machine.calls().join()).toContain(
      `--device ${machine.root}/dev/dri/renderD129 --device ${machine.root}/dev/dri/renderD130`,
    );
  });

  it('report that an FPGA is missing', async () => {
    await configure({ accelerator: { ...ACCELERATOR, devices: 3 } });
    expect(await machine.run('run-accelerator')).toEqual({
      code: 1,
      output: 'the accelerator asks for 3 FPGAs, and XRT has brought up 2 (/dev/dri/renderD*)\n',
    });
  });
});

describe("the load balancer's probe", () => {
  it.each([
    ['healthy', '200 OK'],
    ['running', '200 OK'],
    ['starting', '503 Service Unavailable'],
    ['unhealthy', '503 Service Unavailable'],
    [undefined, '503 Service Unavailable'],
  ])('of a container that is %s gets %s', async (state, status) => {
    machine.containerState = state;
    const { output } = await machine.run('health', [], 'GET / HTTP/1.1\r\nHost: machine\r\n\r\n');
    expect(output).toBe(
      `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${(state ?? 'absent').length}\r\n` +
        `Connection: close\r\n\r\n${state ?? 'absent'}`,
    );
  });
});
