import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { localProject, type LocalProject } from '../local/support/local-project';
import { imageFile } from '../client/sample-service';
import { runCommand, startCommand, type RunningCommand } from '../support/cli';
import { freePort } from '../support/free-port';
import { until } from '../support/until';

let project: LocalProject;

beforeEach(async () => {
  project = await localProject();
});

describe('an invalid command line has exit code 2', () => {
  const service = ['--address', '127.0.0.1:1', '--plaintext'];

  it.each([
    [
      'a number that is none',
      [...service, '--ready-timeout-seconds', 'soon'],
      "error: --ready-timeout-seconds is 'soon'; expected a number of at least 0\n",
    ],
    [
      'a labels file that is not there',
      [...service, '--labels-file', 'labels.txt'],
      'error: cannot read the labels labels.txt (ENOENT)\n',
    ],
    [
      'no service',
      [],
      'error: no local service was deployed from this project; pass an address with --address HOST:PORT\n',
    ],
  ])('%s', async (_, args, message) => {
    const { exitCode, stderr } = await runCommand(['smoke-test', 'image.png', ...args], project.folder);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: message });
  });

  it('reports a missing image', async () => {
    const { exitCode, stdout } = await runCommand(['smoke-test', 'image.png', ...service], project.folder);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 2,
      stdout: 'smoke test failed: cannot read the sample image.png (ENOENT)\n',
    });
  });
});

describe('an interrupt', () => {
  async function waitingTest(report: string): Promise<RunningCommand> {
    const address = `127.0.0.1:${await freePort()}`;
    const args = ['smoke-test', imageFile('chelsea.png'), '--plaintext', '--address', address];
    const running = startCommand([...args, '--report', report], project.folder);
    await until(() => running.output().stdout.includes('… waiting'));
    return running;
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s ends a test that waits for a service, with its reports and exit code 130',
    async (signal) => {
      const running = await waitingTest('report.json');
      running.process.kill(signal);
      const { exitCode, stdout } = await running.ended;
      expect(exitCode).toBe(130);
      expect(stdout).toContain('smoke test failed: the test was interrupted');
      const report = await readFile(path.join(project.folder, 'report.json'), 'utf8');
      expect(JSON.parse(report)).toMatchObject({ exitCode: 130, failure: { check: 'tcp' } });
    },
  );

  it('ends immediately at a second interrupt', async () => {
    // Nobody reads the pipe: the report is never written.
    execFileSync('mkfifo', [path.join(project.folder, 'pipe')]);
    const running = await waitingTest('json=pipe');
    running.process.kill('SIGTERM');
    await until(() => running.output().stdout.includes('smoke test failed'));
    running.process.kill('SIGINT');
    await running.ended;
    expect(running.process.signalCode).toBe('SIGINT');
  });
});
