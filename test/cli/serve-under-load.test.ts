import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { issueCertificate, type IssuedCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { servingPort, startCommand, type RunningCommand } from '../support/cli';
import { temporaryFolder } from '../support/temporary-folder';
import { tinyModel } from '../support/tiny-model';
import { until } from '../support/until';
import { answerOf, GrpcClient, HOSTNAME, rowRequest } from '../server/support/grpc-client';

const CRASH = 666;
const HANG = 777;
const CALLERS = 8;

let folder: string;

beforeEach(async () => {
  const temporary = await temporaryFolder();
  afterwards(temporary.remove);
  folder = temporary.path;
  await writeFile(path.join(folder, 'model.zip'), tinyModel());
});

async function write(name: string, content: string | object): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await writeFile(path.join(folder, name), text, { mode: 0o600 });
}

const configuration = {
  model: { name: 'tiny', version: '1', path: 'model.zip' },
  port: 0,
  workers: 2,
};

/** Starts `serve` with this configuration. */
async function serve(
  options: object,
  env?: Readonly<Record<string, string>>,
): Promise<{ server: RunningCommand; port: number }> {
  await write('serve.json', { ...configuration, ...options });
  const server = startCommand(['serve', '--config', 'serve.json'], folder, env && { env });
  return { server, port: await servingPort(server) };
}

function clientFor(port: number, options: { root?: string; key?: string } = {}): GrpcClient {
  const client = new GrpcClient(`127.0.0.1:${port}`, options);
  afterwards(() => {
    client.close();
  });
  return client;
}

interface LogEntry {
  readonly message: string;
  readonly method?: string;
  readonly status?: string;
  readonly reason?: string;
}

function logOf(server: RunningCommand): LogEntry[] {
  // The last line may be half there.
  const lines = server.output().stdout.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LogEntry);
}

/** Callers that call one time after the other until they are told to end; each says what it got. */
class Load {
  readonly statuses: string[] = [];
  private readonly over = new AbortController();
  private readonly callers: Promise<void>[];

  /** @param call makes one call; one that fails for good ends its caller */
  constructor(call: (caller: number) => Promise<string>) {
    this.callers = Array.from({ length: CALLERS }, async (_, caller) => {
      while (!this.over.signal.aborted) {
        this.statuses.push(await call(caller));
      }
    });
  }

  /** Waits until so many more calls have been answered. */
  async more(count: number): Promise<void> {
    const reached = this.statuses.length + count;
    await until(() => this.statuses.length >= reached);
  }

  async end(): Promise<string[]> {
    this.over.abort();
    await Promise.all(this.callers);
    return this.statuses;
  }
}

describe('rotation under load', () => {
  let first: IssuedCertificate;
  let second: IssuedCertificate;
  let roots: string;

  beforeAll(async () => {
    first = await issueCertificate({ names: [HOSTNAME] });
    second = await issueCertificate({ names: [HOSTNAME] });
    roots = first.certificate + second.certificate;
  });

  const secrets = {
    tls: { certificateFile: 'tls.crt', privateKeyFile: 'tls.key' },
    keyFile: 'keys.json',
  };

  async function start(): Promise<{
    server: RunningCommand;
    port: number;
    reload: (outcome: string) => Promise<void>;
  }> {
    await write('tls.crt', first.certificate);
    await write('tls.key', first.privateKey);
    await write('keys.json', { primaryKey: 'primary-1', secondaryKey: 'secondary-1' });
    const { server, port } = await serve(secrets);
    const said = (message: string) => logOf(server).filter((entry) => entry.message === message).length;
    const reload = async (outcome: string) => {
      const before = said(outcome);
      server.process.kill('SIGHUP');
      await until(() => said(outcome) > before);
    };
    return { server, port, reload };
  }

  /** Half of the callers keep their connection, half make one for each call. */
  function callWith(port: number, key: () => string): Load {
    const kept = new Map<string, GrpcClient>();
    return new Load(async (caller) => {
      if (caller % 2 === 0) {
        const fresh = new GrpcClient(`127.0.0.1:${port}`, { root: roots, key: key() });
        const { status } = await fresh.predict(rowRequest(1, 2, 3));
        fresh.close();
        return status;
      }
      const name = `${caller} ${key()}`;
      const client = kept.get(name) ?? clientFor(port, { root: roots, key: key() });
      kept.set(name, client);
      return (await client.predict(rowRequest(1, 2, 3))).status;
    });
  }

  it('of certificate, keys and model fails no call; a wrong pair is rejected and logged, and the old one serves', async () => {
    const { server, port, reload } = await start();
    let key = 'secondary-1';
    const load = callWith(port, () => key);
    await load.more(50);

    await write('tls.crt', second.certificate);
    await reload('the new configuration is invalid; the previous configuration stays in effect');
    expect(server.output().stdout).toContain('the certificate and the private key do not match');
    await load.more(50);

    await write('tls.key', second.privateKey);
    await reload('reloaded');
    await load.more(50);

    await write('keys.json', { primaryKey: 'primary-2', secondaryKey: 'secondary-1' });
    await reload('reloaded');
    await load.more(50);

    key = 'primary-2';
    await load.more(2 * CALLERS);
    await write('keys.json', { primaryKey: 'primary-2', secondaryKey: 'secondary-2' });
    await reload('reloaded');
    await load.more(50);

    await writeFile(path.join(folder, 'next.zip'), tinyModel({ operation: 'Neg' }));
    const model = { name: 'tiny', version: '2', path: 'next.zip' };
    await write('serve.json', { ...configuration, ...secrets, model });
    await reload('reloaded');
    await load.more(50);

    const statuses = await load.end();
    expect(new Set(statuses)).toEqual(new Set(['OK']));
    expect(statuses.length).toBeGreaterThan(300);
    const outdated = await clientFor(port, { root: roots, key: 'secondary-1' }).predict(rowRequest(1, 2, 3));
    expect(outdated.status).toBe('UNAUTHENTICATED');
    const last = await clientFor(port, { root: second.certificate, key }).predict(rowRequest(1, 2, 3));
    expect(answerOf(last)).toEqual([-1, -2, -3]);
    const { stdout, stderr } = server.output();
    expect(stdout + stderr).not.toMatch(/primary-\d|secondary-\d|PRIVATE KEY/);
  });
});

describe('SIGTERM under load', () => {
  it('loses no accepted call, and the process ends with exit code 0', async () => {
    const { server, port } = await serve({});
    const clients = Array.from({ length: CALLERS }, () => clientFor(port));
    const load = new Load(async (caller) => {
      const { status } = await clients[caller].predict(rowRequest(1, 2, 3));
      return status;
    });
    await load.more(100);
    server.process.kill('SIGTERM');
    const { exitCode } = await server.ended;
    const statuses = await load.end();
    expect(exitCode).toBe(0);
    expect(new Set(statuses)).toEqual(new Set(['OK', 'UNAVAILABLE']));
    const calls = logOf(server).filter(({ method }) => method?.endsWith('/Predict'));
    const accepted = calls.filter(({ reason }) => reason !== 'the server is stopping; retry later');
    expect(new Set(accepted.map(({ status }) => status))).toEqual(new Set(['OK']));
    // What the server answered came to its caller.
    expect(statuses.filter((status) => status === 'OK')).toHaveLength(accepted.length);
  });
});

describe('a worker', () => {
  const env = {
    NODE_OPTIONS: `--require ${path.join(__dirname, '../server/support/faulty-engine.cjs')}`,
  };

  it('fails only its own request with INTERNAL if it crashes, while all others are served', async () => {
    const { server, port } = await serve({}, env);
    const client = clientFor(port);
    const load = new Load(async () => (await client.predict(rowRequest(1, 2, 3))).status);
    for (let crash = 0; crash < 5; crash += 1) {
      const failed = await client.predict(rowRequest(CRASH, 2, 3));
      expect(failed.status).toBe('INTERNAL');
      expect(failed.details).toMatch(/^internal error; find the cause in the server log under request ID /);
      await load.more(10);
    }
    expect(new Set(await load.end())).toEqual(new Set(['OK']));
    expect(server.output().stdout).toContain('a worker thread ended while it ran the models (exit code 7)');
    expect(server.process.exitCode).toBeNull();
  });

  it('that hangs is replaced; its request gets DEADLINE_EXCEEDED or INTERNAL, and all others are served', async () => {
    const { server, port } = await serve({ maxRunMs: 1000 }, env);
    const client = clientFor(port);
    const load = new Load(async () => (await client.predict(rowRequest(1, 2, 3))).status);
    const impatient = await client.predict(rowRequest(HANG, 2, 3), { deadline: Date.now() + 300 });
    expect(impatient.status).toBe('DEADLINE_EXCEEDED');
    const patient = await client.predict(rowRequest(HANG, 2, 3));
    expect(patient.status).toBe('INTERNAL');
    await load.more(50);
    // Both workers again, or more hanging ones would leave none.
    const both = await Promise.all([HANG, HANG].map((value) => client.predict(rowRequest(value, 2, 3))));
    expect(both.map(({ status }) => status)).toEqual(['INTERNAL', 'INTERNAL']);
    await load.more(50);
    expect(new Set(await load.end())).toEqual(new Set(['OK']));
    expect(server.output().stdout).toContain('it did not respond within 1000 ms');
  });

  it('does not prevent a server from stopping if it hangs', async () => {
    const { server, port } = await serve({}, env);
    const client = clientFor(port);
    const given = await client.predict(rowRequest(HANG, 2, 3), { deadline: Date.now() + 300 });
    expect(given.status).toBe('DEADLINE_EXCEEDED');
    server.process.kill('SIGTERM');
    expect((await server.ended).exitCode).toBe(0);
  });
});
