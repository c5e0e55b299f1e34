import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

import { AcceleratorProcess } from '../server/pipeline/support/accelerator-process';
import { afterwards } from '../support/cleanup';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

const main = path.resolve(__dirname, '../../dist/lib/cli/main.js');

function serve(...options: string[]) {
  const child = spawn(process.execPath, [main, 'serve', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  afterwards(() => child.kill('SIGKILL'));
  return child;
}

it('serves with the accelerator in its options', async () => {
  const accelerator = await AcceleratorProcess.kserve();
  afterwards(() => accelerator.close());
  const folder = await temporaryFolder();
  afterwards(() => folder.remove());
  const zip = path.join(folder.path, 'model.zip');
  sampleServiceDefinition().save(zip);
  const { protocol, address } = accelerator.options;
  const child = serve(
    ...['--model', zip, '--port', '0', '--workers', '1'],
    ...['--accelerator-protocol', protocol, '--accelerator-address', address],
    ...['--accelerator-model-name', 'efficientnet-lite0', '--accelerator-model-version', ''],
  );
  const messages: unknown[] = [];
  createInterface(child.stdout).on('line', (line) => {
    messages.push((JSON.parse(line) as { message: string }).message);
  });
  await until(() => messages.includes('ready'));
  await accelerator.kill();
  await until(() => messages.includes('not ready'));
  expect(messages.lastIndexOf('not ready')).toBeGreaterThan(messages.indexOf('ready'));
});

it.each([
  [
    ['--accelerator-protocol', 'kserve-v2'],
    'got only one of --accelerator-protocol and --accelerator-address',
  ],
  [
    ['--accelerator-address', '127.0.0.1:1'],
    'got only one of --accelerator-protocol and --accelerator-address',
  ],
  [
    ['--accelerator-model-version', '1'],
    '--accelerator-model-name and --accelerator-model-version name a model on an accelerator; pass ' +
      '--accelerator-protocol and --accelerator-address, too',
  ],
  [['--accelerator-protocol', 'rest'], 'Allowed choices are kserve-v2, tensorflow-serving'],
  [
    ['--accelerator-protocol', 'kserve-v2', '--accelerator-address', 'localhost'],
    "--accelerator-address is 'localhost'; set it to host:port",
  ],
])('rejects %j', async (options, message) => {
  const child = serve('--model', 'model.zip', ...options);
  expect(await text(child.stderr)).toContain(message);
});
