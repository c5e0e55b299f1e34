import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';

import type { ServiceSpecification } from '../../lib/contract/workload-specification';
import type { LocalWorkload, LocalWorkloadStatus } from '../../lib/local/local-workload';
import { writeServiceDefinition } from '../../lib/service-definition/zip-writer';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { freePort, listenOn } from '../support/free-port';
import { expectEnded } from '../support/process-end';
import { until } from '../support/until';
import { answerOf, GrpcClient, rowRequest, type Outcome } from '../server/support/grpc-client';
import { localProject, readKeys, type LocalProject } from './support/local-project';

let project: LocalProject;
let service: LocalWorkload<ServiceSpecification>;

beforeEach(async () => {
  project = await localProject();
  service = project.service('scoring');
});

/** A service definition that the registry takes, and the server cannot load. */
function brokenModel(): Uint8Array {
  return writeServiceDefinition({
    definition: {
      aml_runtime_version: '1.0',
      pipeline: [{ type: 'onnx', name: 'tiny', model_path: 'm', input_tensor: 'x', output_tensor: 'y' }],
    },
    files: new Map([['m', Buffer.from('no model')]]),
  });
}

/** Scores a row as a user would, with what `status` says. */
async function score(
  status: LocalWorkloadStatus,
  key?: string,
): Promise<Outcome<unknown> & { answer: number[] }> {
  const root = status.rootCertificateFile ? await readFile(status.rootCertificateFile, 'utf8') : undefined;
  const ownKey = status.keyFile ? (await readKeys(status.keyFile)).primaryKey : undefined;
  const client = new GrpcClient(`${status.address}:${status.port}`, {
    ...(root !== undefined && { root }),
    ...((key ?? ownKey) !== undefined && { key: key ?? ownKey }),
  });
  try {
    const outcome = await client.predict(rowRequest(1, -2, 3));
    return { ...outcome, answer: answerOf(outcome) };
  } finally {
    client.close();
  }
}

async function killAndWait(pid: number | null): Promise<void> {
  process.kill(pid ?? NaN, 'SIGKILL');
  await until(async () => (await service.status()).pid === null);
}

describe('up', () => {
  it('starts a service that serves calls, and reports its status', async () => {
    const specification = await project.specification();
    const progress: string[] = [];
    const status = await service.up(specification, (message) => progress.push(message));
    const file = (name: string) => path.join(project.stateFolder, 'services/scoring', name);
    expect(status).toEqual({
      kind: 'service',
      name: 'scoring',
      address: '127.0.0.1',
      port: specification.port,
      metricsUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/) as string,
      hostname: 'scoring.localhost',
      tls: true,
      pid: expect.any(Number) as number,
      ready: true,
      model: 'tiny',
      modelVersion: '1',
      keyFile: file('keys.json'),
      rootCertificateFile: file('trusted-roots.pem'),
      labelsFile: file('labels.txt'),
      logFile: file('server.log'),
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    });
    expect(await score(status)).toMatchObject({ status: 'OK', answer: [1, -2, 3] });
    const metrics = await fetch(status.metricsUrl ?? '');
    expect(await metrics.text()).toMatch(/^brainwave_requests_total\{.*code="OK"\} 1$/m);
    expect(await readFile(file('labels.txt'), 'utf8')).toBe('left\nmiddle\nright\n');
    // A slow machine also says how long it has waited.
    expect(progress.filter((line) => !line.startsWith('still waiting'))).toEqual([
      `process ${status.pid ?? ''} started; waiting until its model is loaded`,
      `ready on 127.0.0.1:${specification.port}`,
    ]);
  });

  it('is listed while it starts, so that one whose start is interrupted is found', async () => {
    const specification = await project.specification();
    const seen: Promise<LocalWorkloadStatus>[] = [];
    await service.up(specification, (message) => {
      if (message.includes('started; waiting')) {
        seen.push(service.status());
      }
    });
    expect(await Promise.all(seen)).toMatchObject([{ name: 'scoring', port: specification.port }]);
  });

  it('keeps its files from others, and its secrets out of its log', async () => {
    const status = await service.up(await project.specification());
    await score(status);
    await score(status, 'a-wrong-key');
    const folder = path.dirname(status.logFile);
    const mode = async (file: string) => (await stat(file)).mode & 0o777;
    expect(await mode(folder)).toBe(0o700);
    const modes = await Promise.all((await readdir(folder)).map((name) => mode(path.join(folder, name))));
    expect(new Set(modes)).toEqual(new Set([0o600]));
    const log = await readFile(status.logFile, 'utf8');
    const { primaryKey, secondaryKey } = await readKeys(status.keyFile);
    expect(log).toContain('UNAUTHENTICATED');
    for (const secret of [primaryKey, secondaryKey, 'a-wrong-key', 'BEGIN']) {
      expect(log).not.toContain(secret);
    }
  });

  it('does not touch an unchanged service', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    const progress: string[] = [];
    const second = await service.up(specification, (message) => progress.push(message));
    expect(second).toEqual(first);
    expect(progress).toEqual([`unchanged on 127.0.0.1:${first.port} (process ${first.pid ?? ''})`]);
  });

  it('changes the model in place', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    await project.registerModel('2', { operation: 'Neg' });
    const second = await service.up({ ...specification, model: { ...specification.model, version: '2' } });
    expect(second).toMatchObject({ pid: first.pid, port: first.port, modelVersion: '2', labelsFile: null });
    expect((await score(second)).answer).toEqual([-1, 2, -3]);
  });

  it('serves a version that was removed and registered again with other content', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    await rm(path.join(project.stateFolder, 'models/tiny'), { recursive: true });
    await project.registerModel('1', { operation: 'Neg' });
    const second = await service.up(specification);
    expect(second.pid).toBe(first.pid);
    expect((await score(second)).answer).toEqual([-1, 2, -3]);
  });

  it('rotates one key in place, and the other stays', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    const before = await readKeys(first.keyFile);
    const second = await service.up({
      ...specification,
      keys: { generated: { primaryRotation: '2', secondaryRotation: '1' } },
    });
    const after = await readKeys(second.keyFile);
    expect(second.pid).toBe(first.pid);
    expect(after.secondaryKey).toBe(before.secondaryKey);
    expect(after.primaryKey).not.toBe(before.primaryKey);
    const outcomes = await Promise.all(
      [after.primaryKey, after.secondaryKey, before.primaryKey].map((key) => score(second, key)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['OK', 'OK', 'UNAUTHENTICATED']);
  });

  it('disables and enables TLS in place, on the same port', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    const plain = { ...specification, tls: undefined, keys: undefined };
    const root = await readFile(first.rootCertificateFile ?? '', 'utf8');
    const second = await service.up(plain);
    expect(second).toMatchObject({
      ...{ pid: first.pid, port: first.port, tls: false, hostname: null },
      ...{ keyFile: null, rootCertificateFile: null },
    });
    expect((await score(second)).status).toBe('OK');
    const third = await service.up(specification);
    expect(third).toMatchObject({ pid: first.pid, port: first.port, tls: true });
    // Clients that trust the certificate need not be told of another.
    expect(await readFile(third.rootCertificateFile ?? '', 'utf8')).toBe(root);
    expect((await score(third)).status).toBe('OK');
  });

  it("replaces a self-signed certificate with a user's certificate, and no longer trusts its root", async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    const { certificate, privateKey } = await issueCertificate({ names: ['scoring.localhost'] });
    await writeFile(path.join(project.folder, 'tls.crt'), certificate);
    await writeFile(path.join(project.folder, 'tls.key'), privateKey, { mode: 0o600 });
    const files = { certificate: 'tls.crt', privateKey: 'tls.key', allowSelfSigned: true };
    const second = await service.up({ ...specification, tls: { hostname: 'scoring.localhost', files } });
    expect(second.pid).toBe(first.pid);
    expect(await readFile(second.rootCertificateFile ?? '', 'utf8')).toBe(certificate);
    expect((await score(second)).status).toBe('OK');
  });

  it('moves to another port with another process', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    const port = await freePort();
    const second = await service.up({ ...specification, port });
    expect(second.port).toBe(port);
    expect(second.pid).not.toBe(first.pid);
    expect((await score(second)).status).toBe('OK');
  });

  it('changes the limit of calls in flight in place', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    const second = await service.up({ ...specification, maxInFlight: 3 });
    expect(second.pid).toBe(first.pid);
    expect((await score(second)).status).toBe('OK');
  });

  it('starts a service again whose process was killed', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    await killAndWait(first.pid);
    expect(await service.status()).toMatchObject({
      pid: null,
      ready: false,
      startedAt: null,
      port: first.port,
    });
    const second = await service.up(specification);
    expect(second.pid).not.toBe(first.pid);
    expect((await score(second)).status).toBe('OK');
  });

  it('starts it again as it was with upAgain', async () => {
    const first = await service.up(await project.specification());
    const keys = await readKeys(first.keyFile);
    await killAndWait(first.pid);
    const second = await service.upAgain();
    expect(second).toMatchObject({ port: first.port, ready: true });
    expect(await readKeys(second.keyFile)).toEqual(keys);
  });

  it('of one service by many at once starts one process', async () => {
    const specification = await project.specification();
    const all = await Promise.all(
      Array.from({ length: 4 }, () => project.service('scoring').up(specification)),
    );
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
    expect((await score(all[0])).status).toBe('OK');
  });
});

describe('a process that is another’s', () => {
  it('is never signalled, although a stale state file names its id', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    const stateFile = path.join(path.dirname(first.logFile), 'state.json');
    const state = JSON.parse(await readFile(stateFile, 'utf8')) as object;
    await killAndWait(first.pid);
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    afterwards(() => stranger.kill('SIGKILL'));
    await writeFile(stateFile, JSON.stringify({ ...state, pid: stranger.pid }));
    expect(await service.status()).toMatchObject({ pid: null, ready: false });
    const second = await service.up(specification);
    expect(second.pid).not.toBe(stranger.pid);
    await writeFile(stateFile, JSON.stringify({ ...state, pid: stranger.pid }));
    // Its own process is unknown now; the test ends it.
    process.kill(second.pid ?? NaN, 'SIGKILL');
    await service.remove();
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  });
});

describe('a port that is in use', () => {
  it('by another program is a clear error, and nothing is started', async () => {
    const stranger = net.createServer();
    afterwards(() => stranger.close());
    const port = await listenOn(stranger, 0);
    const message =
      `port ${port} on 127.0.0.1 is in use by process ${process.pid} (node); ` +
      'stop that process or set another port: new LocalCompute({ port: … })';
    await expect(service.reserve({ address: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message,
    });
    await expect(service.up(await project.specification({ port }))).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message,
    });
    expect(existsSync(service.logFile)).toBe(false);
  });

  it('by another local service is reported with its name', async () => {
    const { port } = await service.up(await project.specification());
    const other = project.service('other');
    await expect(other.reserve({ address: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message:
        `port ${port} on 127.0.0.1 is in use by the local service "scoring"; stop it ` +
        '(`cdktf-brainwave local down scoring`), or set another port: new LocalCompute({ port: … })',
    });
    await expect(service.reserve({ address: '127.0.0.1', port })).resolves.toBeUndefined();
  });

  it('by a service of another project is reported with its name and project', async () => {
    const another = await localProject();
    const { port } = await another.service('elsewhere').up(await another.specification());

    await expect(service.reserve({ address: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message:
        `port ${port} on 127.0.0.1 is in use by the local service "elsewhere" of another project (${another.folder}); ` +
        'stop it (`cdktf-brainwave local down elsewhere` there), or set another port: new LocalCompute({ port: … })',
    });
  });

  it('by a service whose project was deleted is reported with its process', async () => {
    const deleted = await localProject();
    const forgotten = deleted.service('forgotten');
    const { pid, port } = await forgotten.up(await deleted.specification());
    await rm(deleted.stateFolder, { recursive: true });
    afterwards(() => forgotten.remove());

    await expect(service.reserve({ address: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message:
        `port ${port} on 127.0.0.1 is in use by process ${pid ?? 0}, the local service "forgotten" of a project whose folder ` +
        `was deleted (${deleted.stateFolder}); stop it (\`kill ${pid ?? 0}\`), or set another port: new LocalCompute({ port: … })`,
    });
  });

  it('does not stop the service that was to move to it', async () => {
    const stranger = net.createServer();
    afterwards(() => stranger.close());
    const specification = await project.specification();
    const first = await service.up(specification);
    const port = await listenOn(stranger, 0);
    await expect(service.up({ ...specification, port, portVariable: 'PORT' })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message:
        `port ${port} on 127.0.0.1 is in use by process ${process.pid} (node), so service "scoring" continues on ` +
        `port ${first.port}; stop that process or set another port: PORT=…`,
    });
    expect(await service.status()).toEqual(first);
    expect((await score(first)).status).toBe('OK');
  });
});

describe('a start that fails', () => {
  it('shows the last lines of the log, and leaves nothing but it', async () => {
    const specification = await project.specification();
    const broken = path.join(project.stateFolder, 'models/tiny/1/service-definition.zip');
    await writeFile(broken, brokenModel());
    await expect(service.up(specification)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringMatching(
        /^service "scoring" did not start: its process ended\nthe last lines of .*server\.log:\n(.*\n)*error: stage 'tiny' cannot be loaded: /,
      ) as string,
    });
    expect(await readdir(service.folderPath)).toEqual(['server.log']);
  });
});

describe('an update that fails', () => {
  it('keeps the previous configuration serving, and is reported again when it is repeated', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    const keys = await readKeys(first.keyFile);
    await project.registerModel('2', { operation: 'Neg' });
    const zip = path.join(project.stateFolder, 'models/tiny/2/service-definition.zip');
    await rename(zip, `${zip}.aside`);
    await writeFile(zip, 'no zip');
    const next = {
      ...specification,
      model: { ...specification.model, version: '2' },
      keys: { generated: { primaryRotation: '2', secondaryRotation: '2' } },
    };
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(service.up(next)).rejects.toThrow(/the service definition is not a zip/);
      expect(await service.status()).toEqual(first);
      expect(await readKeys(first.keyFile)).toEqual(keys);
      expect((await score(first)).answer).toEqual([1, -2, 3]);
    }
    await rename(`${zip}.aside`, zip);
    expect((await score(await service.up(next))).answer).toEqual([-1, 2, -3]);
  });

  it('because the server rejects it says the server’s reason, and goes back to the keys that it serves', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    const keys = await readKeys(first.keyFile);
    await project.registerModel('2', { operation: 'Neg' });
    const zip = path.join(project.stateFolder, 'models/tiny/2/service-definition.zip');
    await writeFile(zip, brokenModel());
    const next = {
      ...specification,
      model: { ...specification.model, version: '2' },
      keys: { generated: { primaryRotation: '2', secondaryRotation: '1' } },
    };
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(service.up(next)).rejects.toMatchObject({
        code: 'UPDATE_FAILED',
        message: expect.stringMatching(
          /^service "scoring" rejected the new configuration and continues with the previous one: stage 'tiny' cannot be loaded: /,
        ) as string,
      });
      expect(await readKeys(first.keyFile)).toEqual(keys);
      expect((await score(await service.status())).answer).toEqual([1, -2, 3]);
    }
    await killAndWait(first.pid);
    expect((await score(await service.upAgain())).answer).toEqual([1, -2, 3]);
  });

  it('before the server is asked changes nothing', async () => {
    const specification = await project.specification();
    const first = await service.up(specification);
    const hostname = 'scoring.localhost';
    const files = { certificate: 'tls.crt', privateKey: 'tls.key' };
    await expect(
      service.up({ ...specification, model: { ...specification.model, version: '9' } }),
    ).rejects.toMatchObject({ code: 'MODEL_NOT_REGISTERED' });
    await expect(service.up({ ...specification, tls: { hostname, files } })).rejects.toMatchObject({
      code: 'FILE_MISSING',
      message: expect.stringMatching(/^certificate .*tls\.crt does not exist; correct the path/) as string,
    });
    await expect(service.up({ ...specification, tls: { hostname } })).rejects.toMatchObject({
      code: 'CERTIFICATE_UNUSABLE',
      message: 'TLS is enabled for service "scoring", but it has no certificate; apply the stack again',
    });
    expect(await service.status()).toEqual(first);
    expect((await score(first)).status).toBe('OK');
  });

  it('for a certificate of another name reports what is wrong with it', async () => {
    const specification = await project.specification();
    const { certificate, privateKey } = await issueCertificate({ names: ['other.example'] });
    await writeFile(path.join(project.folder, 'tls.crt'), certificate);
    await writeFile(path.join(project.folder, 'tls.key'), privateKey, { mode: 0o600 });
    const files = { certificate: 'tls.crt', privateKey: 'tls.key', allowSelfSigned: true };
    await expect(
      service.up({ ...specification, tls: { hostname: 'scoring.localhost', files } }),
    ).rejects.toMatchObject({
      code: 'CERTIFICATE_UNUSABLE',
      message: expect.stringMatching(
        /^the certificate of service "scoring" is invalid:\n- .*scoring\.localhost/,
      ) as string,
    });
  });

  it('for missing keys reports their expected path', async () => {
    const specification = await project.specification({ keys: { provided: true } });
    await expect(service.up(specification)).rejects.toMatchObject({
      code: 'FILE_MISSING',
      message: expect.stringMatching(
        /^service "scoring" has no keys at .*keys\.json; apply the stack again/,
      ) as string,
    });
  });
});

describe('down', () => {
  it('ends the process and leaves nothing of the service', async () => {
    const { pid } = await service.up(await project.specification());
    await service.remove();
    await expectEnded(pid);
    expect(await readdir(path.join(project.stateFolder, 'services'))).toEqual([]);
    await expect(service.status()).rejects.toMatchObject({
      code: 'SERVICE_NOT_FOUND',
      message:
        'unknown service "scoring"; ' +
        `nothing was deployed from this project (looked in ${project.stateFolder})`,
    });
  });

  it('of a missing service succeeds, so that a destroy can be repeated', async () => {
    await service.remove();
    await expect(service.remove()).resolves.toBeUndefined();
  });
});

describe('a service', () => {
  it.each(['', '..', 'a/b', '.lock', 'ä'])('cannot be named "%s"', (name) => {
    expect(() => project.service(name)).toThrow(
      `the service name is "${name}"; expected 1 to 128 letters, digits, ".", "_" and "-", starting with a letter or digit`,
    );
  });

  it('with damaged files reports how to remove it', async () => {
    await project.workloads.folder('service', 'scoring').create();
    await writeFile(path.join(service.folderPath, 'specification.json'), '{');
    await expect(service.status()).rejects.toMatchObject({
      code: 'SERVICE_DAMAGED',
      message: expect.stringMatching(
        /specification\.json is damaged; destroy the stack and apply it again \(an apply alone detects no change\)$/,
      ) as string,
    });
  });

  it('is found among others, whatever else lies in their folder', async () => {
    await project.workloads.folder('service', 'b').create();
    await project.workloads.folder('service', 'scoring').create();
    await writeFile(path.join(project.stateFolder, 'services/.DS_Store'), '');
    const all = await project.workloads.list();
    expect(all.map(({ name }) => name)).toEqual(['b', 'scoring']);
  });
});
