import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { status as grpc } from '@grpc/grpc-js';

import type { ServiceSpecification } from '../../lib/contract/workload-specification';
import type { LocalWorkload } from '../../lib/local/local-workload';
import { LocalWorkloads } from '../../lib/local/local-workloads';
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
    await service.reserve(specification);
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
    await service.remove();
    await expectEnded(first.pid);
  });

  it('is told from one that has its folder, and from another project’s', async () => {
    const { pid } = await service.up(await project.specification());
    const other = await localProject();
    await other.service('scoring').up(await other.specification());
    await rm(other.service('scoring').folderPath, { recursive: true });
    afterwards(() => other.service('scoring').remove());
    expect(await project.workloads.orphans()).toEqual([]);
    await rm(service.folderPath, { recursive: true });
    expect(await project.workloads.orphans()).toEqual([
      { pid, kind: 'service', name: 'scoring', folder: 'removed' },
    ]);
    await service.remove();
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

  it('is what status and score tell of it, instead of a deployment that never was', async () => {
    const { pid } = await service.up(await project.specification());
    await rm(project.stateFolder, { recursive: true });
    for (const command of [
      ['local', 'status'],
      ['local', 'status', 'scoring'],
      ['score', 'cat.png'],
    ]) {
      const { stderr, exitCode } = await runCommand(command, project.folder);
      expect(stderr).toContain(
        `process ${pid ?? 0} runs the service "scoring" of this project although its folder was deleted; ` +
          'destroy its stack, which ends the process, and deploy it again; if the state is gone as well, ' +
          'run npx cdktf-brainwave local down scoring',
      );
      expect(exitCode).not.toBe(0);
    }
    await service.remove();
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
    await service.remove();
    expect(others.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([null, null, null]);
  });
});

describe('a project that was moved while its service ran', () => {
  it('rejects a change at once, with the way back, and can still be destroyed', async () => {
    const specification = await project.specification();
    const { pid } = await service.up(specification);
    const moved = `${project.folder}-moved`;
    await rename(project.folder, moved);
    const workloads = new LocalWorkloads(path.join(moved, '.cdktf-brainwave'), moved);
    afterwards(() => rm(moved, { recursive: true, force: true }));

    await expect(workloads.service('scoring').up({ ...specification, workers: 2 })).rejects.toMatchObject({
      code: 'SERVICE_MOVED',
      message:
        `process ${pid ?? 0} of service "scoring" was started in ${service.folderPath}, which has been moved to ` +
        `${workloads.service('scoring').folderPath}; move the project back, or destroy the stack and deploy it again`,
    });
    await workloads.service('scoring').remove();
    await expectEnded(pid);
  });

  it('is told from a copy, which does not touch the service of the original', async () => {
    const { pid, port } = await service.up(await project.specification());
    const copied = `${project.folder}-copy`;
    await cp(project.folder, copied, { recursive: true });
    afterwards(() => rm(copied, { recursive: true, force: true }));
    const copy = new LocalWorkloads(path.join(copied, '.cdktf-brainwave'), copied).service('scoring');

    expect(await copy.status()).toMatchObject({ pid: null, ready: false });
    await expect(copy.upAgain()).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use by the local service "scoring" of another project (${project.folder})`,
    );
    await copy.remove();
    expect(await service.status()).toMatchObject({ pid, ready: true });
  });
});

it('a stopped service keeps its keys, and starts again on its port', async () => {
  const first = await service.up(await project.specification());
  const keys = await readKeys(first.keyFile);
  const down = await runCommand(['local', 'down', 'scoring'], project.folder);
  expect(down.stdout).toContain(
    'scoring: Terraform does not notice that it is stopped; start it with `npx cdktf-brainwave local up scoring`\n',
  );
  await expectEnded(first.pid);
  await expect(project.workloads.requireRunning('127.0.0.1', first.port)).rejects.toMatchObject({
    code: 'SERVICE_STOPPED',
    message:
      `service "scoring" on 127.0.0.1:${first.port} is stopped; ` +
      'start it with `npx cdktf-brainwave local up scoring`, then apply again',
  });

  expect(await runCommand(['local', 'up', 'scoring'], project.folder)).toMatchObject({ exitCode: 0 });
  await expect(project.workloads.requireRunning('127.0.0.1', first.port)).resolves.toBeUndefined();
  const second = await service.status();
  expect(second).toMatchObject({ port: first.port, ready: true });
  expect(await readKeys(second.keyFile)).toEqual(keys);

  await runCommand(['local', 'down', 'scoring', '--remove'], project.folder);
  expect(existsSync(service.folderPath)).toBe(false);
});

it('a folder of another user is what the error is about', async () => {
  await service.up(await project.specification());
  await service.stop();
  const file = path.join(service.folderPath, 'specification.json');
  await rm(file);
  // Reading it fails with another error than that of a missing file, for root as well.
  await mkdir(file);
  expect((await runCommand(['local', 'status'], project.folder)).stderr).toMatch(
    /cannot read \S+specification\.json \(EISDIR: .*\); run the command as the user who deployed it/,
  );
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
