import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';

import { zipSync } from 'fflate';

import { ScoringServer, silentLog } from '../../lib/server';
import type { StageJson } from '../../lib/service-definition/service-definition-json';
import { writeServiceDefinition } from '../../lib/service-definition/zip-writer';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';
import { tinyModel } from '../support/tiny-model';
import { graphBytes, node, placeholder } from './pipeline/support/graph';
import { serverForTest } from './support/test-server';

const graphStage: StageJson = {
  type: 'tensorflow',
  name: 'classifier',
  model_path: 'classifier.pb',
  input_tensor: 'x:0',
  output_tensor: 'y:0',
};

function graphZip(graph: Uint8Array): Uint8Array {
  return writeServiceDefinition({
    definition: { aml_runtime_version: '1.0', pipeline: [graphStage] },
    files: new Map([['classifier.pb', graph]]),
  });
}

describe('a server does not start', () => {
  it.each<[string, () => Uint8Array, RegExp]>([
    [
      'from a file that is no zip',
      () => Buffer.from('hello'),
      /^the service definition is not a zip \(.+\); expected/,
    ],
    [
      'from a zip with an entry that leads out of it',
      () => zipSync({ '../service_def.json': Buffer.from('{}') }),
      /^the zip is invalid: .*\.\.\/service_def\.json/,
    ],
    [
      'from a zip without a definition',
      () => zipSync({ 'a.txt': Buffer.from('a') }),
      /contains no service_def\.json/,
    ],
    [
      'from a broken GraphDef',
      () => graphZip(Buffer.from('ff'.repeat(50), 'hex')),
      /^stage 'classifier' cannot be loaded: 'classifier\.pb' /,
    ],
    [
      'with an operation that TensorFlow.js does not know',
      () => graphZip(graphBytes([placeholder('x', [-1, 3]), node('y', 'DecodeQuantumImage', ['x'])])),
      /^stage 'classifier' cannot run here: 'classifier\.pb' uses the operation DecodeQuantumImage, which is not supported by TensorFlow\.js; /,
    ],
  ])('%s, and reports why', async (_, zip, message) => {
    await expect(serverForTest({ zip: zip() })).rejects.toThrow(message);
  });

  it('on a port in use, and reports how to find the process', async () => {
    const other = await serverForTest();
    await expect(serverForTest({ port: other.port })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message:
        `port ${other.port} on 127.0.0.1 is in use by another process; stop it ` +
        `(\`lsof -i :${other.port}\` shows it) or set another port`,
    });
  });

  it('with a health port in use, and releases its own port', async () => {
    const other = await serverForTest();
    const probe = net.createServer();
    const port = await new Promise<number>((resolve) =>
      probe.listen(0, '127.0.0.1', () => {
        resolve((probe.address() as net.AddressInfo).port);
      }),
    );
    await new Promise((resolve) => probe.close(resolve));
    await expect(serverForTest({ port, healthPort: other.port })).rejects.toThrow(
      /^port \d+ on 127.0.0.1 is in use/,
    );
    await serverForTest({ port });
  });

  it('on an address that the machine does not have', async () => {
    await expect(serverForTest({ host: '192.0.2.1' })).rejects.toThrow(
      '192.0.2.1 is not an address of this machine; listen on 127.0.0.1, or on 0.0.0.0 for all addresses',
    );
  });

  it.each([
    [{ maxInFlight: 0 }, 'maxInFlight is 0; expected a whole number of at least 1'],
    [{ maxMessageBytes: 1.5 }, 'maxMessageBytes is 1.5; expected a whole number of at least 1'],
    [
      { keys: { primaryKey: 'a', secondaryKey: '' } },
      'secondaryKey is empty, so no client can send it; use random letters and digits',
    ],
  ])('with %j', async (options, message) => {
    await expect(serverForTest(options)).rejects.toThrow(message);
  });

  it('when it is stopped while it starts, and frees its port', async () => {
    const folder = await temporaryFolder();
    afterwards(folder.remove);
    const model = { name: 'tiny', path: path.join(folder.path, 'model.zip') };
    await writeFile(model.path, tinyModel());
    const stop = new AbortController();
    const starting = ScoringServer.start({ model, port: 0, log: silentLog }, stop.signal);
    stop.abort();
    await expect(starting).rejects.toThrow(
      'the server was stopped before its model was loaded; start it again',
    );
  });
});
