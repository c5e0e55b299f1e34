import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { status as grpc } from '@grpc/grpc-js';

import type { ServiceSpecification } from '../../lib/contract/workload-specification';
import type { LocalWorkload } from '../../lib/local/local-workload';
import { findServingProcesses } from '../../lib/process/find-process';
import { afterwards } from '../support/cleanup';
import { runCommand } from '../support/cli';
import { expectEnded, isThere } from '../support/process-end';
import { until } from '../support/until';
import { GrpcClient, rowRequest } from '../server/support/grpc-client';
import { localProject, readKeys, type LocalProject } from './support/local-project';

let project: LocalProject;
let service: LocalWorkload<ServiceSpecification>;

beforeEach(async () => {
  project = await localProject();
  service = project.service('scoring');
});

async function statusWith(port: number, root: string, key: string): Promise<grpc> {
  const client = new GrpcClient(`127.0.0.1:${port}`, { root, key });
  afterwards(() => {
    client.close();
  });
  return (await client.predict(rowRequest(1, 2, 3))).code;
}

describe('a service whose folder was removed by hand while it ran', () => {
  it('is found by its command line, stopped and restarted on its port', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    await rm(service.folderPath, { recursive: true });
    await service.reserve(specification.address, specification.port);
    const told: string[] = [];
    const second = await service.up(specification, (message) => told.push(message));
    expect(told).toContain(`process ${first.pid ?? 0} is running although its folder was removed`);
    expect(second.port).toBe(first.port);
    await expectEnded(first.pid);
    expect(second).toMatchObject({ ready: true });
  });

  it('is stopped by down', async () => {
    const first = await service.up(await project.specification());
    await rm(service.folderPath, { recursive: true });
    await service.down();
    await expectEnded(first.pid);
  });

  it('is told from one that has its folder, and from another project’s', async () => {
    const { pid } = await service.up(await project.specification());
    const other = await localProject();
    await other.service('scoring').up(await other.specification());
    await rm(other.service('scoring').folderPath, { recursive: true });
    afterwards(() => other.service('scoring').down());
    expect(await project.workloads.orphans()).toEqual([]);
    await rm(service.folderPath, { recursive: true });
    expect(await project.workloads.orphans()).toEqual([{ pid, kind: 'service', name: 'scoring' }]);
    await service.down();
  });

  it('is ended by the command local down, whose folder is gone or is there again', async () => {
    for (const isThereAgain of [false, true]) {
      const specification = await project.specification();
      const { pid } = await service.up(specification);
      await rm(project.stateFolder, { recursive: true });
      if (isThereAgain) {
        await project.workloads.folder('service', 'scoring').create();
      }
      const down = await runCommand(['local', 'down', 'scoring'], project.folder);
      expect(down).toMatchObject({ exitCode: 0, stderr: '' });
      expect(down.stdout).toContain(`process ${pid ?? 0} is running although its folder was removed`);
      await expectEnded(pid);
      await project.registerModel('1', { labels: ['left', 'middle', 'right'] });
    }
    expect((await runCommand(['local', 'down', 'scoring'], project.folder)).exitCode).toBe(2);
  });

  it('is not looked for among processes that only look like it', async () => {
    const stateFile = path.join(service.folderPath, 'state.json');
    const others = [
      ['--state-file', `${stateFile}.other`, '--instance', 'abc'],
      ['--state-file', stateFile],
      ['--instance', 'abc', stateFile],
    ].map((args) => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...args]));
    for (const other of others) {
      afterwards(() => other.kill('SIGKILL'));
    }
    await Promise.all(others.map((other) => new Promise((resolve) => other.once('spawn', resolve))));
    expect(await findServingProcesses(stateFile)).toEqual([]);
    await service.down();
    expect(others.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([null, null, null]);
  });
});

it('a change that comes too late is taken back: clients’ files go with what is served', async () => {
  const specification = await project.specification();
  const first = await service.up(specification);
  const before = await readKeys(first.keyFile);
  const impatient = project.service('scoring', 500);
  process.kill(first.pid ?? 0, 'SIGSTOP');
  afterwards(() => {
    if (isThere(first.pid)) {
      process.kill(first.pid ?? 0, 'SIGCONT');
    }
  });
  const rotated = { ...specification, keys: { generated: { primaryRotation: '2', secondaryRotation: '1' } } };
  await expect(impatient.up(rotated)).rejects.toMatchObject({ code: 'UPDATE_FAILED' });
  expect(await readKeys(first.keyFile)).toEqual(before);
  process.kill(first.pid ?? 0, 'SIGCONT');
  const root = await readFile(first.rootCertificateFile ?? '', 'utf8');
  await until(async () => (await statusWith(first.port, root, before.primaryKey)) === grpc.OK);
  const second = await service.up(rotated);
  expect(second.pid).toBe(first.pid);
  const after = await readKeys(second.keyFile);
  expect(after.primaryKey).not.toBe(before.primaryKey);
  expect(await statusWith(second.port, root, after.primaryKey)).toBe(grpc.OK);
});
