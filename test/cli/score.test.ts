import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { probabilities, startGrpcPeer, closedPort, startPeer, type Peer } from '../client/peers';
import { imageFile, labelsFile, startSampleService, type SampleService } from '../client/sample-service';

const command = path.resolve(__dirname, '../../dist/lib/cli/main.js');

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let service: SampleService;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'score-'));
  service = await startSampleService();
  await write('root.pem', service.certificate.certificate);
  await write('keys.json', JSON.stringify(service.keys));
  await write('key', `${service.keys.secondaryKey}\n`);
}, 120_000);

afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

async function write(name: string, content: string): Promise<string> {
  const file = path.join(folder, name);
  // Some of it is secret, which the client does not take from a file that others may read.
  await writeFile(file, content, { mode: 0o600 });
  return file;
}

function score(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [command, 'score', ...args],
      { cwd: folder, env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => {
        resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}

const toService = () => ['--address', service.address, '--root-certificate-file', 'root.pem'];

describe('score', () => {
  it('draws the classes of each image', async () => {
    const { exitCode, stdout, stderr } = await score([
      imageFile('chelsea.png'),
      imageFile('coffee.png'),
      ...toService(),
      ...['--key-file', 'keys.json', '--labels-file', labelsFile, '--top', '2'],
    ]);
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      imageFile('chelsea.png'),
      expect.stringMatching(/^ {2}tiger cat +█+\S? +\d\d\.\d %$/),
      expect.stringMatching(/^ {2}Egyptian cat +█+\S? +\d\d\.\d %$/),
      imageFile('coffee.png'),
      expect.stringMatching(/^ {2}espresso +█+\S? +\d\d\.\d %$/),
      expect.any(String),
      '',
    ]);
    expect(exitCode).toBe(0);
  });

  it('writes JSON for programs, a rejected image among the others', async () => {
    await write('notes.txt', 'no image');
    const { exitCode, stdout } = await score([
      'notes.txt',
      'missing.png',
      imageFile('rocket.jpg'),
      ...toService(),
      ...['--key-file', 'key', '--labels-file', labelsFile, '--top', '1', '--json'],
    ]);
    expect(JSON.parse(stdout)).toEqual([
      { image: 'notes.txt', error: { code: 'INVALID_INPUT', message: expect.any(String) as string } },
      {
        image: 'missing.png',
        error: { code: 'USAGE', message: 'the image missing.png cannot be read (ENOENT); check its path' },
      },
      {
        image: imageFile('rocket.jpg'),
        classes: [{ classIndex: 657, label: 'missile', probability: expect.any(Number) as number }],
      },
    ]);
    expect(exitCode).toBe(2);
  });

  it('reads the key from the environment and from standard input', async () => {
    const args = [imageFile('rocket.jpg'), ...toService()];
    const fromEnvironment = await score(args, { BRAINWAVE_KEY: service.keys.primaryKey });
    const fromInput = await score([...args, '--key-file', '-'], {}, service.keys.primaryKey);
    expect([fromEnvironment.exitCode, fromInput.exitCode]).toEqual([0, 0]);
    expect(fromInput.stdout).toContain('class 657');
  });

  it('trusts the root certificates in GRPC_DEFAULT_SSL_ROOTS_FILE_PATH', async () => {
    const args = [imageFile('rocket.jpg'), '--address', service.address, '--key-file', 'key'];
    const roots = (file: string) => ({ GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: path.join(folder, file) });
    expect(await score(args, roots('root.pem'))).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await score(args, roots('none.pem'))).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        'the trusted roots cannot be read (ENOENT); check the file named by GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
      ) as string,
    });
  });

  it('calls without TLS on request, and writes no colors to a pipe', async () => {
    const peer: Peer = await startGrpcPeer({ predict: probabilities(0.25, 0.75) });
    const { stdout } = await score([imageFile('rocket.jpg'), '--address', peer.address, '--plaintext']);
    await peer.close();
    expect(stdout).toContain('class 1');
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(stdout).not.toMatch(/\x1b/);
  });
});

describe('score ends with an exit code and a message that explain the failure', () => {
  const image = imageFile('rocket.jpg');

  it.each<[string, () => readonly string[] | Promise<readonly string[]>, number, string]>([
    [
      'a closed port',
      async () => ['--address', `127.0.0.1:${await closedPort()}`],
      3,
      '; start the service, or check the port',
    ],
    ['a certificate that is not trusted', () => ['--address', service.address], 4, 'is self-signed'],
    ['a missing key', () => toService(), 5, 'which carried no key'],
    ['a bad address', () => ['--address', 'host:port'], 2, 'expected host:port'],
    [
      'a key over plaintext',
      () => ['--address', service.address, '--plaintext', '--key-file', 'key'],
      2,
      'got a key together with --plaintext',
    ],
    [
      'a key file that is missing',
      () => [...toService(), '--key-file', 'none'],
      2,
      'the key file none cannot be read (ENOENT); check its path',
    ],
    [
      'labels of another model',
      async () => [...toService(), '--key-file', 'key', '--labels-file', await write('labels', 'cat\ndog\n')],
      2,
      'got 2 labels for 1000 classes',
    ],
    [
      'an image that the service refuses',
      async () => [await write('notes.txt', 'no image'), ...toService(), '--key-file', 'key'],
      1,
      'notes.txt: ',
    ],
    [
      'an image that cannot be read',
      () => ['missing.png', ...toService(), '--key-file', 'key'],
      2,
      'missing.png: the image missing.png cannot be read (ENOENT); check its path',
    ],
    ['a wrong option', () => ['--top', 'none'], 2, 'Expected a whole number of at least 1.'],
    ['no local service', () => [], 2, 'no local service was deployed from this project'],
  ])('%s', async (_, args, exitCode, message) => {
    const ended = await score([image, ...(await args())]);
    expect(ended.stderr).toContain(message);
    expect(ended.exitCode).toBe(exitCode);
  });

  it('a server that hangs, without hanging itself', async () => {
    const peer = await startPeer(net.createServer());
    const ended = await score([image, '--address', peer.address, '--call-timeout-seconds', '0.5']);
    await peer.close();
    expect(ended.exitCode).toBe(3);
  });

  it.each([
    ['{"primaryKey": "top-secret', 'starts like JSON but is not valid JSON; check its braces and quotes'],
    ['{"other": "top-secret"}', 'contains no key; write only the key on one line, or JSON: '],
    ['top secret', 'contains no key; write only the key on one line, or JSON: '],
  ])('rejects a key file without a key, without showing its content: %s', async (content, message) => {
    const ended = await score([image, ...toService(), '--key-file', await write('bad', content)]);
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).not.toContain('secret');
    expect(ended.exitCode).toBe(2);
  });
});
