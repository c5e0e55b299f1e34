import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { runCommand } from '../support/cli';
import { until } from '../support/until';
import { localProject, type LocalProject } from '../local/support/local-project';

let project: LocalProject;

beforeEach(async () => {
  project = await localProject();
});

const run = (...args: string[]) => runCommand(['local', ...args], project.folder);

describe('in a project without services', () => {
  it('reports that there are none', async () => {
    expect(await run('status')).toEqual({ exitCode: 0, stdout: 'no local services\n', stderr: '' });
    expect(await run('status', '--json')).toEqual({ exitCode: 0, stdout: '[]\n', stderr: '' });
    expect(await run('up')).toEqual({ exitCode: 0, stdout: 'no local services\n', stderr: '' });
  });

  it.each(['status', 'up', 'down', 'logs'])('local %s NAME reports it with exit code 2', async (command) => {
    const { exitCode, stderr } = await run(command, 'scoring');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^error: unknown service "scoring"; nothing was deployed from this project \(looked in .*\)\n$/,
    );
  });

  it('rejects an invalid name', async () => {
    const { exitCode, stderr } = await run('status', '../x');
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/^error: the service name is "\.\.\/x"; expected/);
  });
});

it('a service is listed, started again, logged and taken down, from any folder of the project', async () => {
  const specification = await project.specification();
  const status = await project.service('scoring').up(specification);

  // Other tools rely on these names.
  const folder = path.join(project.stateFolder, 'services/scoring');
  const listed = await run('status', '--json');
  expect(JSON.parse(listed.stdout)).toEqual([
    {
      kind: 'service',
      name: 'scoring',
      address: '127.0.0.1',
      port: specification.port,
      metricsUrl: status.metricsUrl,
      hostname: 'scoring.localhost',
      tls: true,
      pid: status.pid,
      ready: true,
      model: 'tiny',
      modelVersion: '1',
      keyFile: path.join(folder, 'keys.json'),
      rootCertificateFile: path.join(folder, 'trusted-roots.pem'),
      labelsFile: path.join(folder, 'labels.txt'),
      logFile: path.join(folder, 'server.log'),
      startedAt: status.startedAt,
    },
  ]);
  expect(Object.keys(JSON.parse(await readFile(path.join(folder, 'keys.json'), 'utf8')) as object)).toEqual([
    'primaryKey',
    'secondaryKey',
  ]);
  const line = (state: string, pid: number | string, metrics = '') =>
    `scoring  ${state}  127.0.0.1:${specification.port}  TLS for scoring.localhost, keys on  tiny 1  pid ${pid}${metrics}\n`;
  expect((await run('status', 'scoring')).stdout).toBe(
    line('ready', status.pid ?? '', `  metrics ${status.metricsUrl ?? ''}`),
  );

  process.kill(status.pid ?? NaN, 'SIGKILL');
  await until(async () => (await project.service('scoring').status()).pid === null);
  expect((await run('status')).stdout).toBe(line('stopped', '-'));
  const below = path.join(project.folder, 'a/b');
  await mkdir(below, { recursive: true });
  const up = await runCommand(['local', 'up'], below);
  expect(up).toMatchObject({ exitCode: 0, stderr: '' });
  expect(up.stdout).toMatch(
    /^scoring: process \d+ started; waiting until its model is loaded\n(scoring: still waiting \(\d+ s\)\n)*scoring: ready on 127\.0\.0\.1:\d+\n$/,
  );
  const again = await run('up', 'scoring');
  expect(again.stdout).toMatch(/^scoring: unchanged on 127\.0\.0\.1:\d+ \(process \d+\)\n$/);

  const logs = await run('logs');
  expect(logs.exitCode).toBe(0);
  expect(logs.stdout).toBe(await readFile(path.join(folder, 'server.log'), 'utf8'));
  expect(logs.stdout).toContain('"model loaded"');

  const down = await run('down', 'scoring', '--remove');
  expect(down).toMatchObject({ exitCode: 0, stderr: '' });
  expect(down.stdout).toMatch(/^scoring: stopping process \d+; .*\nscoring: process \d+ stopped\n$/);
  expect(await readdir(path.dirname(folder))).toEqual([]);
});

it('up continues if a service cannot be started, and lists all failures at the end', async () => {
  for (const name of ['first', 'second', 'third']) {
    await project.service(name).up(await project.specification({ name }));
    const { pid } = await project.service(name).status();
    process.kill(pid ?? NaN, 'SIGKILL');
    await until(async () => (await project.service(name).status()).pid === null);
  }
  const damage = async (name: string, changes: object) => {
    const file = path.join(project.stateFolder, 'services', name, 'specification.json');
    const specification = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...specification, ...changes }));
  };
  await damage('first', { model: { name: 'tiny', version: '7', registry: '.cdktf-brainwave/models' } });
  await damage('third', { name: undefined });

  const { exitCode, stdout, stderr } = await run('up');

  expect(exitCode).toBe(1);
  expect(stdout).toMatch(
    /^first: failed to start; see the reason below\nsecond: process \d+ started.*\n(second: still waiting .*\n)*second: ready/,
  );
  expect(stderr).toMatch(
    /^error: 2 of 3 failed to start: service "first", service "third"\nservice "first": .*tiny/,
  );
  expect(stderr).toMatch(/\nservice "third": .*specification.json is damaged; destroy/);
  expect((await project.service('second').status()).ready).toBe(true);
  // One that is asked for by its name says what is wrong, and no more.
  expect((await run('up', 'third')).stderr).toMatch(/^error: \S+specification.json is damaged; destroy/);
});

it('finds an endpoint next to the services, and distinguishes them if they have the same name', async () => {
  await project.service('scoring').up(await project.specification());
  const endpoint = path.join(project.stateFolder, 'endpoints/scoring');
  await mkdir(endpoint, { recursive: true });
  await writeFile(path.join(endpoint, 'server.log'), 'of the endpoint\n');

  expect((await run('logs', 'scoring')).stdout).toMatch(/"model loaded"[^]*\nof the endpoint\n$/);
  expect((await run('status', 'other')).stderr).toContain('this project has scoring, scoring (an endpoint)');
  const ambiguous = await run('down', 'scoring');
  expect(ambiguous).toMatchObject({ exitCode: 2, stdout: '' });
  expect(ambiguous.stderr).toContain('pass --kind service or --kind endpoint');

  expect(await run('down', 'scoring', '--kind', 'endpoint')).toMatchObject({ exitCode: 0 });
  expect(await readdir(path.dirname(endpoint))).toEqual([]);
  expect((await project.service('scoring').status()).ready).toBe(true);
  expect((await run('down', 'scoring', '--kind', 'endpoint')).stderr).toContain(
    'unknown endpoint "scoring"; this project has scoring',
  );
});

it('the log of a service that never started can be read, and the service can be removed', async () => {
  const specification = await project.specification({ address: '192.0.2.1' });
  await expect(project.service('scoring').up(specification)).rejects.toThrow(
    '192.0.2.1 is not an address of this machine',
  );
  expect((await run('status')).stdout).toBe('no local services\n');
  expect((await run('down', 'scoring')).exitCode).toBe(0);
  expect(await readdir(path.join(project.stateFolder, 'services'))).toEqual([]);
});

it('logs ends quietly when its reader has seen enough', async () => {
  const folder = path.join(project.stateFolder, 'services/scoring');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'server.log'), 'a line\n'.repeat(100_000));
  const command = path.resolve(__dirname, '../../dist/lib/cli/main.js');

  const script = '"$0" "$@" | head -n 1';
  const args = ['-o', 'pipefail', '-c', script, process.execPath, command, 'local', 'logs', 'scoring'];
  const { stdout, stderr } = await promisify(execFile)('bash', args, { cwd: project.folder });

  expect({ stdout, stderr }).toEqual({ stdout: 'a line\n', stderr: '' });
});
