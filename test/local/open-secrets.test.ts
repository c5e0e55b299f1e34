import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { WorkloadFolder } from '../../lib/local/workload-folder';
import { writeKeys } from '../../lib/local/workload-keys';
import { runCommand } from '../support/cli';
import { until } from '../support/until';
import { localProject, readKeys, type LocalProject } from './support/local-project';

const SECRETS = [
  ['key file', 'keys.json'],
  ['private key', 'private-key.pem'],
] as const;

let project: LocalProject;

beforeEach(async () => {
  project = await localProject();
});

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe.each(SECRETS)('a %s of a local service that others may read', (what, name) => {
  let file: string;
  let pid: number;

  beforeEach(async () => {
    const service = project.service('scoring');
    const status = await service.up(await project.specification());
    pid = status.pid ?? NaN;
    file = path.join(service.folderPath, name);
  });

  async function expectRefused(): Promise<void> {
    const before = await readFile(file, 'utf8');
    const { exitCode, stdout, stderr } = await runCommand(['local', 'up'], project.folder);
    expect(stderr).toBe(
      `error: the ${what} ${file} is accessible to users other than its owner (mode 0644); ` +
        `run \`chmod 600 ${file}\`, and replace the secret if other people use this machine\n`,
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await modeOf(file)).toBe(0o644);
  }

  it('is rejected by every local up until it is closed, and is left unchanged', async () => {
    process.kill(pid, 'SIGKILL');
    await until(async () => (await project.service('scoring').status()).pid === null);
    await chmod(file, 0o644);
    await expectRefused();
    await expectRefused();
    expect(await project.service('scoring').status()).toMatchObject({ pid: null });
    await chmod(file, 0o600);
    expect(await runCommand(['local', 'up'], project.folder)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('is rejected by local up while the service runs, which continues', async () => {
    await chmod(file, 0o644);
    await expectRefused();
    expect(await project.service('scoring').status()).toMatchObject({ pid, ready: true });
  });

  it('is rejected by a change, which changes nothing', async () => {
    const keys = await readKeys(path.join(path.dirname(file), 'keys.json'));
    await chmod(file, 0o644);
    const rotated = await project.specification({
      keys: { generated: { primaryRotation: '2', secondaryRotation: '1' } },
    });
    await expect(project.service('scoring').up(rotated)).rejects.toMatchObject({ code: 'SECRET_FILE_OPEN' });
    expect(await modeOf(file)).toBe(0o644);
    expect(await readKeys(path.join(path.dirname(file), 'keys.json'))).toEqual(keys);
  });
});

it('keys that were given do not take the place of a file that lay open', async () => {
  const folder = new WorkloadFolder('service', 'scoring', project.stateFolder);
  await folder.create();
  await writeKeys(folder, { primaryKey: 'first-primary-key', secondaryKey: 'first-secondary-key' });
  await chmod(folder.keyFile, 0o644);
  const next = { primaryKey: 'second-primary-key', secondaryKey: 'first-secondary-key' };
  await expect(writeKeys(folder, next)).rejects.toMatchObject({ code: 'SECRET_FILE_OPEN' });
  expect(await readKeys(folder.keyFile)).toMatchObject({ primaryKey: 'first-primary-key' });
  await chmod(folder.keyFile, 0o600);
  await writeKeys(folder, next);
  expect(await readKeys(folder.keyFile)).toEqual(next);
});

it.each(SECRETS)(
  'a %s of an online endpoint that others may read is rejected, and left unchanged',
  async (what, name) => {
    const endpoint = project.workloads.endpoint('digits');
    const code = path.join(project.folder, 'code');
    await mkdir(code);
    await mkdir(endpoint.folderPath, { recursive: true });
    const file = path.join(endpoint.folderPath, name);
    await writeFile(file, 'a secret');
    await chmod(file, 0o644);
    const specification = {
      kind: 'endpoint' as const,
      name: 'digits',
      address: '127.0.0.1',
      port: 0,
      code,
      entryScript: 'score.py',
      model: { path: path.join(code, 'model.bin'), name: 'model.bin' },
      requirements: path.join(code, 'requirements.txt'),
      workers: 1,
      environment: {},
      maxRequestBytes: 1000,
      tls: { hostname: 'scoring.localhost', selfSigned: { validityDays: 30 } },
      keys: { generated: { primaryRotation: '1', secondaryRotation: '1' } },
    };
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(endpoint.up(specification)).rejects.toThrow(
        `the ${what} ${file} is accessible to users other than its owner (mode 0644); run \`chmod 600 ${file}\``,
      );
      expect(await modeOf(file)).toBe(0o644);
    }
  },
);
