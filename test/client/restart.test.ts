import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { PredictionClient } from '../../lib/client/prediction-client';
import { afterwards } from '../support/cleanup';
import { servingPort, startCommand, type RunningCommand } from '../support/cli';
import { temporaryFolder } from '../support/temporary-folder';
import { tinyModel } from '../support/tiny-model';

const tensor = { shape: [1, 3], data: Float32Array.of(1, 2, 3) };

async function serve(folder: string, port: number): Promise<{ server: RunningCommand; port: number }> {
  const server = startCommand(['serve', '--model', 'model.zip', '--port', `${port}`], folder);
  return { server, port: await servingPort(server) };
}

async function kill(server: RunningCommand): Promise<void> {
  const exited = once(server.process, 'exit');
  server.process.kill('SIGKILL');
  await exited;
}

async function served(): Promise<{ folder: string; server: RunningCommand; port: number }> {
  const folder = await temporaryFolder();
  afterwards(() => folder.remove());
  await writeFile(path.join(folder.path, 'model.zip'), tinyModel());
  return { folder: folder.path, ...(await serve(folder.path, 0)) };
}

function clientOf(port: number, maxAttempts: number): PredictionClient {
  const client = new PredictionClient({
    address: `127.0.0.1:${port}`,
    plaintext: true,
    inputName: 'x',
    retry: { maxAttempts },
  });
  afterwards(() => {
    client.close();
  });
  return client;
}

it('the first call after a server was killed and started again is answered at its first try', async () => {
  const { folder, server, port } = await served();
  const client = clientOf(port, 1);
  await client.predict(tensor);
  await kill(server);
  await expect(client.predict(tensor)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  await serve(folder, port);
  await expect(client.predict(tensor)).resolves.toEqual(tensor);
});

it('a call that is made while a killed server starts again waits for it', async () => {
  const { folder, server, port } = await served();
  const client = clientOf(port, 100);
  await client.predict(tensor);
  await kill(server);
  const answer = client.predict(tensor);
  await serve(folder, port);
  await expect(answer).resolves.toEqual(tensor);
});
