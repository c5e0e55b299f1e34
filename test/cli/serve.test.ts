import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { status } from '@grpc/grpc-js';

import type { ServerReflectionResponse__Output } from '../../lib/wire/proto/types/grpc/reflection/v1/ServerReflectionResponse';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { runCommand, servingPort, startCommand } from '../support/cli';
import { temporaryFolder } from '../support/temporary-folder';
import { tinyModel } from '../support/tiny-model';
import { expectEnded } from '../support/process-end';
import { until } from '../support/until';
import { answerOf, GrpcClient, HOSTNAME, rowRequest } from '../server/support/grpc-client';
import { encodePredict, framed, PREDICT_PATH, RawClient, statusOf } from '../server/support/raw-client';

const keys = { primaryKey: 'the-primary-key', secondaryKey: 'the-secondary-key' };

let folder: string;

beforeEach(async () => {
  const temporary = await temporaryFolder();
  afterwards(temporary.remove);
  folder = temporary.path;
  await writeFile(path.join(folder, 'model.zip'), tinyModel());
});

async function write(name: string, content: string | object): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  // Some of it is secret, which the server does not take from a file that others may read.
  await writeFile(path.join(folder, name), text, { mode: 0o600 });
}

async function writeSecrets(): Promise<string> {
  const { certificate, privateKey } = await issueCertificate({ names: [HOSTNAME] });
  await write('tls.crt', certificate);
  await write('tls.key', privateKey);
  await write('keys.json', keys);
  return certificate;
}

function clientFor(port: number, options: { root?: string; key?: string } = {}): GrpcClient {
  const client = new GrpcClient(`127.0.0.1:${port}`, options);
  afterwards(() => {
    client.close();
  });
  return client;
}

describe('serve', () => {
  it('serves a model over TLS with keys, by its options, and SIGTERM ends it with exit code 0', async () => {
    const root = await writeSecrets();
    const server = startCommand(
      [
        ...['serve', '--model', 'model.zip', '--model-name', 'tiny', '--model-version', '7', '--port', '0'],
        ...['--certificate', 'tls.crt', '--private-key', 'tls.key', '--key-file', 'keys.json'],
        ...['--workers', '1', '--max-in-flight', '4', '--health-port', '0', '--reflection'],
      ],
      folder,
    );
    const port = await servingPort(server);
    const outcome = await clientFor(port, { root, key: keys.secondaryKey }).predict({
      ...rowRequest(1, 2, 3),
      modelSpec: { name: 'tiny', version: { value: 7 } },
    });
    const refused = await clientFor(port, { root }).predict(rowRequest(1, 2, 3));
    expect([outcome.status, refused.status]).toEqual(['OK', 'UNAUTHENTICATED']);
    const reflection = clientFor(port, {
      root,
      key: keys.primaryKey,
    }).stream<ServerReflectionResponse__Output>('grpc.reflection.v1.ServerReflection/ServerReflectionInfo', {
      listServices: '',
    });
    const [{ listServicesResponse }] = (await reflection.toArray()) as ServerReflectionResponse__Output[];
    expect(listServicesResponse?.service).toHaveLength(4);
    server.process.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await server.ended;
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('"message":"stopped"');
    expect(stdout).not.toMatch(/the-primary-key|the-secondary-key|BEGIN/);
  });

  it('finishes a call in flight when it is stopped', async () => {
    const server = startCommand(['serve', '--model', 'model.zip', '--port', '0', '--workers', '1'], folder);
    const client = new RawClient(await servingPort(server));
    afterwards(() => {
      client.close();
    });
    const body = framed(encodePredict(rowRequest(1, 2, 3)));
    const { stream, answer } = client.begin(PREDICT_PATH);
    stream.write(body.subarray(0, 10));
    await client.send(PREDICT_PATH, body);
    server.process.kill('SIGTERM');
    await until(() => server.output().stdout.includes('"draining"'));
    stream.end(body.subarray(10));
    expect(statusOf(await answer).code).toBe(status.OK);
    expect((await server.ended).exitCode).toBe(0);
  });

  it('ends at once at a second signal', async () => {
    const server = startCommand(['serve', '--model', 'model.zip', '--port', '0', '--workers', '1'], folder);
    const client = new RawClient(await servingPort(server));
    afterwards(() => {
      client.close();
    });
    const body = framed(encodePredict(rowRequest(1, 2, 3)));
    client.begin(PREDICT_PATH).stream.write(body.subarray(0, 10));
    await client.send(PREDICT_PATH, body);
    server.process.kill('SIGTERM');
    await until(() => server.output().stdout.includes('"draining"'));
    server.process.kill('SIGINT');
    const { exitCode, stdout } = await server.ended;
    expect(exitCode).toBe(1);
    expect(stdout).not.toContain('"stopped"');
  });

  it('stops with exit code 0 also while its model is loading', async () => {
    const server = startCommand(
      ['serve', '--model', 'model.zip', '--port', '0', '--state-file', 'state.json'],
      folder,
    );
    await until(() => existsSync(path.join(folder, 'state.json')));
    server.process.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(existsSync(path.join(folder, 'state.json'))).toBe(false);
  });

  it('reads its configuration, whose paths are relative to it, and reads it again on SIGHUP', async () => {
    const root = await writeSecrets();
    await mkdir(path.join(folder, 'elsewhere'));
    const configuration = {
      contentHash: 'a',
      model: { path: 'model.zip' },
      port: 0,
      workers: 1,
      tls: { certificateFile: 'tls.crt', privateKeyFile: 'tls.key' },
      keyFile: 'keys.json',
    };
    await write('serve.json', configuration);
    const server = startCommand(
      ['serve', '--config', '../serve.json', '--state-file', 'state.json'],
      path.join(folder, 'elsewhere'),
    );
    const port = await servingPort(server);
    const state = async () =>
      JSON.parse(await readFile(path.join(folder, 'elsewhere/state.json'), 'utf8')) as Record<
        string,
        unknown
      >;
    const client = clientFor(port, { root, key: keys.primaryKey });
    expect((await client.predict(rowRequest(1, -2, 3))).status).toBe('OK');
    await until(async () => (await state()).ready === true);

    await writeFile(path.join(folder, 'negative.zip'), tinyModel({ operation: 'Neg' }));
    await write('keys.json', { ...keys, primaryKey: 'a-rotated-key' });
    await write('serve.json', { ...configuration, contentHash: 'b', model: { path: 'negative.zip' } });
    server.process.kill('SIGHUP');
    await until(async () => (await state()).contentHash === 'b');
    const rotated = clientFor(port, { root, key: 'a-rotated-key' });
    expect(answerOf(await rotated.predict(rowRequest(1, -2, 3)))).toEqual([-1, 2, -3]);
    expect((await client.predict(rowRequest(1, 2, 3))).status).toBe('UNAUTHENTICATED');

    await write('serve.json', { ...configuration, contentHash: 'c', port: 50_051 });
    server.process.kill('SIGHUP');
    await until(async () => (await state()).reloads === 2);
    expect(await state()).toMatchObject({
      ...{ ready: true, contentHash: 'b', pid: server.process.pid, port },
      failure:
        'the address changed from 127.0.0.1:0 to 127.0.0.1:50051, ' +
        'which a running server cannot apply; restart the server',
    });
    await write('serve.json', '{');
    server.process.kill('SIGHUP');
    await until(async () => (await state()).reloads === 3);
    expect((await state()).failure).toMatch(/^the configuration file .*serve\.json is not JSON/);
    expect(answerOf(await rotated.predict(rowRequest(1, -2, 3)))).toEqual([-1, 2, -3]);

    server.process.kill('SIGINT');
    const { exitCode, stdout } = await server.ended;
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/the-primary-key|a-rotated-key|BEGIN/);
  });

  it('continues to serve and accepts the next configuration if it cannot write its state', async () => {
    await mkdir(path.join(folder, 'state'));
    const server = startCommand(
      ['serve', '--model', 'model.zip', '--port', '0', '--workers', '1', '--state-file', 'state/state.json'],
      folder,
    );
    const client = clientFor(await servingPort(server));
    const stateFile = path.join(folder, 'state/state.json');
    await until(async () => (await readFile(stateFile, 'utf8')).includes('"ready":true'));
    await rm(path.join(folder, 'state'), { recursive: true });
    const saying = (message: string) => server.output().stdout.split(message).length - 1;

    server.process.kill('SIGHUP');
    await until(() => saying('the state file cannot be written') === 1);
    expect((await client.predict(rowRequest(1, 2, 3))).status).toBe('OK');
    server.process.kill('SIGHUP');
    await until(() => saying('the state file cannot be written') === 2);
    expect(saying('is not used')).toBe(0);

    server.process.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('leaves a server running with --detach, and prints how to stop it', async () => {
    const { exitCode, stdout, stderr } = await runCommand(
      ['serve', '--model', 'model.zip', '--port', '0', '--workers', '1', '--detach'],
      folder,
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [, port, pid] =
      /^serving on port (\d+) as process (\d+); stop it with `kill \d+`\n$/.exec(stdout) ?? [];
    afterwards(() => {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended, as it should.
      }
    });
    expect((await clientFor(Number(port)).predict(rowRequest(1, 2, 3))).status).toBe('OK');
    expect(await readFile(path.join(folder, 'server.log'), 'utf8')).toContain('"model loaded"');
    process.kill(Number(pid), 'SIGTERM');
    await until(() => !existsSync(path.join(folder, 'server.json')));
    await expectEnded(Number(pid));
  });

  it('with --detach, shows the end of the log if the server does not start', async () => {
    await write('model.zip', 'no zip');
    const { exitCode, stderr } = await runCommand(
      ['serve', '--model', 'model.zip', '--port', '0', '--detach'],
      folder,
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^error: the server did not become ready; the last lines of .*server\.log:\n(.*\n)*error: the service definition is not a zip/,
    );
  });
});

describe('serve rejects with exit code 2', () => {
  it.each([
    [[], 'error: got nothing to serve; pass --model FILE.zip or --config FILE\n'],
    [
      ['--model', 'model.zip', '--certificate', 'tls.crt'],
      'error: got only one of --certificate and --private-key; TLS needs both\n',
    ],
    [
      ['--config', 'serve.json', '--port', '1'],
      'error: --config and --port are mutually exclusive; set the value in the file\n',
    ],
    [
      ['--model', 'model.zip', '--log-file', 'a.log'],
      'error: --log-file requires --detach; without it, the log is written to standard output\n',
    ],
    [
      ['--model', 'model.zip', '--port', '70000'],
      "error: option '--port <number>' argument '70000' is invalid. Expected a whole number from 0 to 65535.",
    ],
    [
      ['--model', 'model.zip', '--max-in-flight', '0'],
      "error: option '--max-in-flight <number>' argument '0' is invalid. Expected a whole number of at least 1.",
    ],
    [['--no-such-option'], "error: unknown option '--no-such-option'"],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await runCommand(['serve', ...args], folder);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('serve fails with a sentence', () => {
  it.each([
    [
      'a model that is not there',
      ['--port', '0', '--model', 'no.zip'],
      /^error: service definition .*no\.zip does not exist\n$/,
    ],
    [
      'a configuration that is not there',
      ['--config', 'no.json'],
      /^error: cannot read the configuration file no\.json \(ENOENT\)\n$/,
    ],
    [
      'a configuration that is none',
      ['--config', 'odd.json'],
      /^error: the configuration file odd\.json is invalid:\n/,
    ],
    [
      'a certificate that is not there',
      ['--port', '0', '--model', 'model.zip', '--certificate', 'no.crt', '--private-key', 'no.key'],
      /^error: cannot read the certificate no\.crt \(ENOENT\)\n$/,
    ],
    [
      'a key file without keys, of whose content nothing is shown',
      ['--port', '0', '--model', 'model.zip', '--key-file', 'secret.txt'],
      /^error: the key file secret\.txt does not contain keys; expected JSON: \{"primaryKey": "…", "secondaryKey": "…"\}\n$/,
    ],
  ])('for %s', async (_, args, message) => {
    await write('odd.json', { modle: {} });
    await write('secret.txt', 'primaryKey=hush');
    const { exitCode, stderr, stdout } = await runCommand(['serve', ...args], folder);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr + stdout).not.toContain('hush');
  });
});
