import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { issueCertificate } from '../support/certificates';
import { runCommand, type CommandResult } from '../support/cli';
import { temporaryFolder } from '../support/temporary-folder';

const KEY = 'the-primary-key-of-the-endpoint';

let folder: string;
let removeFolder: () => Promise<void>;
let server: Server;

beforeAll(async () => {
  ({ path: folder, remove: removeFolder } = await temporaryFolder());
  const { certificate, privateKey } = await issueCertificate({ names: ['localhost'] });
  // An endpoint for the tests that adds up each row.
  server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    if (request.headers.authorization !== `Bearer ${KEY}`) {
      response.writeHead(401).end();
      return;
    }
    void text(request).then((body) => {
      const { data } = JSON.parse(body) as { data: number[][] };
      const sums = data.map((row) => row.reduce((sum, value) => sum + value, 0));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ sums }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  writeFileSync(path.join(folder, 'root.pem'), certificate);
  writeFileSync(path.join(folder, 'key.txt'), KEY, { mode: 0o600 });
  writeFileSync(path.join(folder, 'wrong-key.txt'), 'another-key', { mode: 0o600 });
  writeFileSync(path.join(folder, 'request.json'), '{"data": [[1, 2], [3, 4]]}');
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await removeFolder();
});

function test(...options: string[]): Promise<CommandResult> {
  const { port } = server.address() as AddressInfo;
  const uri = `https://localhost:${port}/score`;
  const common = ['--root-certificate-file', 'root.pem', '--ready-timeout-seconds', '5'];
  return runCommand(['smoke-test', 'request.json', '--scoring-uri', uri, ...common, ...options], folder);
}

describe('smoke-test --scoring-uri', () => {
  it('exits with 0 if the answer is as expected, and shows no key', async () => {
    const result = await test(
      '--key-file',
      'key.txt',
      '--expect-json-path',
      '$.sums',
      '--expect-equal-to',
      '[3, 7]',
    );

    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toMatch(/✓ authentication .*rejected/);
    expect(result.stdout).toContain('smoke test passed');
    expect(result.stdout).not.toContain(KEY);
  });

  it('finds the index of the largest number', async () => {
    const result = await test(
      '--key-file',
      'key.txt',
      '--expect-json-path',
      '$.sums',
      '--expect-argmax',
      '1',
    );

    expect(result).toMatchObject({ exitCode: 0 });
  });

  it('exits with 1 if the answer differs, and reports the received and the expected answer', async () => {
    const result = await test(
      '--key-file',
      'key.txt',
      '--expect-json-path',
      '$.sums[0]',
      '--expect-equal-to',
      '4',
    );

    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('got 3 at $.sums[0]; expected 4');
  });

  it('ends with 5 when the key is rejected', async () => {
    expect(await test('--key-file', 'wrong-key.txt')).toMatchObject({ exitCode: 5 });
  });

  it('exits with 2 for invalid input: JSON without quotes, a key over http', async () => {
    const unquoted = await test('--expect-equal-to', 'seven');
    expect(unquoted.exitCode).toBe(2);
    expect(unquoted.stderr).toContain('which is not JSON; put a string in quotes');

    const plain = await runCommand(
      ['smoke-test', 'request.json', '--scoring-uri', 'http://localhost:1/score', '--key-file', 'key.txt'],
      folder,
    );
    expect(plain.exitCode).toBe(2);
    expect(plain.stderr).toContain('anyone on the network path could read the key');
  });
});
