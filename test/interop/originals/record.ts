import { writeFile } from 'node:fs/promises';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import sharp from 'sharp';

import type { RecordedCall } from '../../server/recorded/recorded-calls';
import { temporaryFolder } from '../../support/temporary-folder';
import { callWithAzureClient, callWithOvmsClient } from './original-clients';

/*
 * Records what the original clients send, for test/server/recorded-clients.test.ts:
 *   npx tsx test/interop/originals/record.ts AZURE_PYTHON OVMSCLIENT_PYTHON
 */

const OUTPUT = path.resolve(__dirname, '../../server/recorded/calls.json');
const [azure = '', ovms = ''] = process.argv.slice(2);

/** Refuses every call in a way after which no client tries again, and keeps what came. */
async function record(
  callWith: (port: number) => Promise<unknown>,
): Promise<Omit<RecordedCall, 'client' | 'call'>[]> {
  const calls: Omit<RecordedCall, 'client' | 'call'>[] = [];
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const sent = Object.entries(headers).filter(
        ([name]) => !name.startsWith(':') && typeof name === 'string',
      );
      calls.push({
        path: headers[':path'] ?? '',
        headers: Object.fromEntries(sent.map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks).toString('base64'),
      });
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', request_id: 'r' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ 'grpc-status': '3' });
      });
      stream.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await callWith((server.address() as AddressInfo).port).catch(() => undefined);
  server.close();
  return calls;
}

async function main(): Promise<void> {
  const { path: folder, remove } = await temporaryFolder();
  const image = path.join(folder, 'image.png');
  await sharp({ create: { width: 8, height: 8, channels: 3, background: '#c83' } })
    .png()
    .toFile(image);
  const array = [
    [1, -2, 3],
    [4, 5, 6],
  ];
  const recorded: RecordedCall[] = [];
  for (const client of ['contrib', 'accel'] as const) {
    const name = client === 'contrib' ? 'azureml-contrib-brainwave 1.0.33' : 'azureml-accel-models 1.62.0';
    const common = { client, ssl: false, key: 'the-key' };
    const scoreImage = client === 'contrib' ? 'score_image' : 'score_file';
    const scoreArray = client === 'contrib' ? 'score_numpy_array' : 'score_numpy_arrays';
    const calls = [
      { call: 'image', options: { method: scoreImage, image } },
      { call: 'array', options: { method: scoreArray, array } },
    ] as const;
    for (const { call, options } of calls) {
      const [sent] = await record((port) => callWithAzureClient(azure, [{ ...common, ...options, port }]));
      recorded.push({ client: name, call, ...sent });
    }
  }
  const ovmsCalls: readonly [RecordedCall['call'], string, string][] = [
    ['image', 'images', image],
    ['array', 'x', JSON.stringify(array)],
  ];
  for (const [call, input, value] of ovmsCalls) {
    const [status, metadata, predict] = await record((port) =>
      callWithOvmsClient(ovms, `127.0.0.1:${port}`, 'tiny', input, value),
    );
    const client = 'ovmsclient 2023.1';
    if (call === 'image') {
      recorded.push({ client, call: 'status', ...status }, { client, call: 'metadata', ...metadata });
    }
    recorded.push({ client, call, ...predict });
  }
  await writeFile(OUTPUT, `${JSON.stringify(recorded, undefined, 2)}\n`);
  await remove();
}

void main();
