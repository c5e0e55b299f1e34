import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterwards } from '../support/cleanup';
import { runCommand, servingPort, startCommand } from '../support/cli';
import { freePort } from '../support/free-port';
import { temporaryFolder } from '../support/temporary-folder';
import { tinyModel } from '../support/tiny-model';
import { until } from '../support/until';

describe('cdktf-brainwave health', () => {
  let folder: string;
  beforeEach(async () => {
    const temporary = await temporaryFolder();
    folder = temporary.path;
    afterwards(() => temporary.remove());
  });

  function configure(configuration: object): void {
    writeFileSync(path.join(folder, 'model.zip'), tinyModel());
    writeFileSync(
      path.join(folder, 'configuration.json'),
      JSON.stringify({ model: { path: 'model.zip' }, ...configuration }),
    );
  }

  const health = (...args: string[]) => runCommand(['health', ...args], folder);

  it('succeeds once the server serves, and fails when it has stopped', async () => {
    const healthPort = await freePort();
    configure({ port: 0, healthPort });
    const server = startCommand(['serve', '--config', 'configuration.json'], folder);
    await servingPort(server);
    await until(() => server.output().stdout.includes('"ready"'));
    expect(await health('--config', 'configuration.json')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    expect(await health('--port', String(healthPort))).toMatchObject({ exitCode: 0 });
    server.process.kill('SIGTERM');
    await server.ended;
    const { exitCode, stderr } = await health('--config', 'configuration.json');
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`connection refused: nothing is listening on 127.0.0.1:${healthPort}`);
  });

  it('reports what it requires', async () => {
    expect(await health()).toMatchObject({
      exitCode: 2,
      stderr: 'error: got no health port; pass --port NUMBER or --config FILE\n',
    });
    configure({ port: 443, tls: { certificateFile: 'c.pem', privateKeyFile: 'k.pem' } });
    const { exitCode, stderr } = await health('--config', 'configuration.json');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('sets no healthPort, and its port 443 requires TLS; set healthPort');
  });
});
