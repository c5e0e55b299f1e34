import { localProject, type LocalProject } from '../local/support/local-project';
import { imageFile } from '../client/sample-service';
import { runCommand, startCommand } from '../support/cli';
import { freePort } from '../support/free-port';
import { until } from '../support/until';

let project: LocalProject;

beforeEach(async () => {
  project = await localProject();
});

describe('a command line with which nothing is tried has exit code 2', () => {
  const service = ['--address', '127.0.0.1:1', '--plaintext'];

  it.each([
    [
      'a number that is none',
      [...service, '--ready-timeout', 'soon'],
      'error: --ready-timeout is "soon"; expected a number from 0\n',
    ],
    [
      'a labels file that is not there',
      [...service, '--labels', 'labels.txt'],
      'error: cannot read the labels labels.txt (ENOENT)\n',
    ],
    [
      'no service',
      [],
      'error: no local service was deployed from this project; name an address with --address HOST:PORT\n',
    ],
  ])('%s', async (_, args, message) => {
    const { exitCode, stderr } = await runCommand(['smoke-test', 'image.png', ...args], project.folder);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: message });
  });

  it('an image that is not there', async () => {
    const { exitCode, stdout } = await runCommand(['smoke-test', 'image.png', ...service], project.folder);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 2,
      stdout: 'smoke test failed: cannot read the sample image.png (ENOENT)\n',
    });
  });
});

describe('an interrupt', () => {
  it('ends a test that waits for a service, with exit code 130', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const args = ['smoke-test', imageFile('chelsea.png'), '--plaintext', '--address', address];
    const running = startCommand(args, project.folder);
    await until(() => running.output().stdout.includes('… waiting'));
    running.process.kill('SIGINT');
    const { exitCode, stdout } = await running.ended;
    expect(exitCode).toBe(130);
    expect(stdout).toContain('smoke test failed: waiting was broken off');
  });
});
