import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { LocalWorkloads } from '../../../lib/local/local-workloads';
import { freePort } from '../../support/free-port';
import { until } from '../../support/until';
import { expectEnded } from '../../support/process-end';
import { endpointProject, type EndpointProject } from './endpoint-project';

/** Says what it was given and where its model is. */
const ECHO = `
import json, os

def init():
    global weights
    with open(os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.bin")) as file:
        weights = file.read()

def run(raw_data):
    data = json.loads(raw_data)["data"]
    if data == "raise":
        raise RuntimeError("this row is not to be scored")
    return {"weights": weights, "data": data}
`;

/** Says what its environment is. */
const ENVIRONMENT = `
import json, os

def init():
    pass

def run(raw_data):
    return json.dumps(dict(os.environ))
`;

const IMPORTS_AZUREML = `
from azureml.core.model import Model

def init():
    pass

def run(raw_data):
    return raw_data
`;

const BROKEN = `
def init():
    raise RuntimeError("the weights are damaged")

def run(raw_data):
    return raw_data
`;

let project: EndpointProject;

beforeEach(async () => {
  project = await endpointProject();
});

describe('an entry script on this machine', () => {
  it('is scored with either key, is rejected without one, and leaves nothing when it goes down', async () => {
    await project.up({ code: await project.script(ECHO) });
    const { primaryKey, secondaryKey } = await project.keys();
    const body = '{"data": [[1, 2]]}';

    for (const key of [primaryKey, secondaryKey]) {
      const answer = await project.post(body, { authorization: `Bearer ${key}` });
      expect(answer).toMatchObject({ status: 200 });
      expect(JSON.parse(answer.text)).toEqual({ weights: 'weights', data: [[1, 2]] });
    }
    const missing = await project.post(body, {});
    expect(missing).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(missing.text).toContain('the call has no key');
    const wrong = await project.post(body, { authorization: 'Bearer wrong' });
    expect(wrong).toMatchObject({ status: 401 });
    expect(wrong.text).toContain('the key is invalid');
    expect(await project.post(body, { authorization: primaryKey })).toMatchObject({ status: 401 });
    expect(await project.health()).toMatchObject({ status: 200, text: 'Healthy' });

    const { keyFile, pid, logFile } = await project.endpoint.status();
    expect(statSync(path.dirname(keyFile!)).mode & 0o777).toBe(0o700);
    expect(statSync(keyFile!).mode & 0o777).toBe(0o600);
    expect(readFileSync(logFile, 'utf8')).not.toContain(primaryKey);
    await project.endpoint.remove();
    expect(existsSync(path.dirname(keyFile!))).toBe(false);
    await expectEnded(pid);
  });

  it('has its declared variables and the machine’s settings, and no secret of who deployed it', async () => {
    const settings = { LD_LIBRARY_PATH: '/nowhere/lib', CUDA_VISIBLE_DEVICES: '0', PYTHONUTF8: '1' };
    const secrets = {
      GITHUB_TOKEN: 'of-the-repository',
      AWS_SESSION_TOKEN: 'of-the-cloud',
      SCORING_KEY: 'of-a-test',
    };
    const before = { ...process.env };
    Object.assign(process.env, settings, secrets);
    try {
      const environment = { THRESHOLD: '0.5', MODEL_TOKEN: 'declared' };
      await project.up({ code: await project.script(ENVIRONMENT), environment });
      const seen = JSON.parse(JSON.parse((await project.post('{}')).text) as string) as Record<
        string,
        string
      >;
      expect(seen).toMatchObject({ ...environment, ...settings, PATH: process.env.PATH });
      const { pid } = await project.endpoint.status();
      const front = readFileSync(`/proc/${pid}/environ`, 'utf8');
      for (const [name, value] of Object.entries(secrets)) {
        expect(seen).not.toHaveProperty(name);
        expect(front).not.toContain(value);
      }
    } finally {
      for (const name of Object.keys({ ...settings, ...secrets })) {
        if (before[name] === undefined) {
          Reflect.deleteProperty(process.env, name);
        } else {
          process.env[name] = before[name];
        }
      }
    }
  });

  it('answers a script that raises in run with 500 and a request id, and the next call as ever', async () => {
    await project.up({ code: await project.script(ECHO) });
    const { primaryKey } = await project.keys();
    const authorization = `Bearer ${primaryKey}`;

    const raised = await project.post('{"data": "raise"}', { authorization, 'x-request-id': 'mine-1' });

    expect(raised).toMatchObject({ status: 500, headers: { 'x-request-id': 'mine-1' } });
    expect(raised.text).not.toContain('not to be scored');
    const { logFile } = await project.endpoint.status();
    await until(() => readFileSync(logFile, 'utf8').includes('this row is not to be scored'));
    const next = await project.post('{"data": 1}');
    expect(next).toMatchObject({ status: 200 });
    expect(next.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('rejects a body of 100 MB, announced or not, and serves the next call', async () => {
    await project.up({ code: await project.script(ECHO) });
    const { primaryKey } = await project.keys();
    const body = Buffer.alloc(100_000_000, ' ');
    const authorization = `Bearer ${primaryKey}`;

    const announced = await project.post(body, { authorization, 'content-length': String(body.length) });
    const chunked = await project.post(body, { authorization, 'transfer-encoding': 'chunked' });

    for (const answer of [announced, chunked]) {
      expect(answer).toMatchObject({ status: 413 });
      expect(answer.text).toContain('the body has more than 1000000 bytes');
    }
    expect(await project.post('{"data": 1}')).toMatchObject({ status: 200 });
  });

  it('fails to start with the last lines of the traceback when init raises', async () => {
    const start = project.up({ code: await project.script(BROKEN) });

    await expect(start).rejects.toMatchObject({ code: 'START_FAILED' });
    await expect(start).rejects.toThrow(/in init\n.*\nRuntimeError: the weights are damaged$/);
  });

  it('names the package that is missing when the script imports azureml', async () => {
    const start = project.up({ code: await project.script(IMPORTS_AZUREML) });

    await expect(start).rejects.toThrow(/; add azureml-core to its requirements, or remove the import/);
    await expect(start).rejects.toThrow("ModuleNotFoundError: No module named 'azureml'");
  });

  it('rejects numpy values that a client wrote as text, with the remedy', async () => {
    await project.up({ code: await project.script(ECHO) });

    const answer = await project.post('{"data": [[np.float64(0.5), np.float64(1.0)]]}');

    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({
      message:
        'the body is not JSON: it contains a numpy value, np.float64(…); convert arrays with tolist() and write the ' +
        'body with json.dumps',
    });
  });

  it('continues with the previous script when the new one raises in init', async () => {
    await project.up({ code: await project.script(ECHO) });
    const before = await project.endpoint.status();

    const change = project.up({ code: await project.script(BROKEN) });

    await expect(change).rejects.toMatchObject({ code: 'UPDATE_FAILED' });
    await expect(change).rejects.toThrow('RuntimeError: the weights are damaged');
    expect(await project.endpoint.status()).toEqual(before);
    expect(await project.post('{"data": 1}')).toMatchObject({ status: 200 });
  });

  it('accepts a new script and a rotated key in place, and keeps the other key', async () => {
    await project.up({ code: await project.script(ECHO) });
    const before = await project.endpoint.status();
    const former = await project.keys();

    await project.up({
      code: await project.script('def init():\n    pass\n\ndef run(raw_data):\n    return "second"\n'),
      keys: { generated: { primaryRotation: '2', secondaryRotation: '1' } },
    });

    expect(await project.endpoint.status()).toEqual(before);
    const authorization = `Bearer ${former.secondaryKey}`;
    expect(await project.post('{}', { authorization })).toMatchObject({ status: 200, text: '"second"' });
    expect(await project.post('{}', { authorization: `Bearer ${former.primaryKey}` })).toMatchObject({
      status: 401,
    });
  });

  it('answers anyone over plain HTTP where TLS is off, for keys are checked only under TLS', async () => {
    await project.up({ code: await project.script(ECHO), tls: undefined, keys: undefined });
    const status = await project.endpoint.status();

    expect(status).toMatchObject({ tls: false, hostname: null, keyFile: null, rootCertificateFile: null });
    expect(status.scoringUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/score$/);
    expect(await project.post('{"data": 1}', {})).toMatchObject({ status: 200 });
    expect(await project.post('{"data": 1}', { authorization: 'Bearer any' })).toMatchObject({ status: 200 });
    expect(readdirSync(project.endpoint.folderPath)).not.toContain('keys.json');
  });

  it('turns TLS on while it serves, on the port it has, and goes back to plain HTTP where the change fails', async () => {
    const code = await project.script(ECHO);
    const port = await freePort();
    await project.up({ code, port, tls: undefined, keys: undefined });
    const plain = await project.endpoint.status();

    const broken = await project.script(BROKEN);
    await expect(project.up({ code: broken, port })).rejects.toThrow('RuntimeError: the weights are damaged');

    expect(await project.endpoint.status()).toMatchObject({ ready: true, tls: false, port });
    expect(await project.post('{"data": 1}', {})).toMatchObject({ status: 200 });
    await project.up({ code, port });
    const secure = await project.endpoint.status();
    expect(secure).toMatchObject({ ready: true, tls: true, port });
    expect(secure.pid).not.toBe(plain.pid);
    expect(await project.post('{"data": 1}', {})).toMatchObject({ status: 401 });
    expect(await project.post('{"data": 1}')).toMatchObject({ status: 200 });
  });

  it('is started with its latest declaration, with or without TLS, if its process has ended', async () => {
    const code = await project.script(ECHO);
    const port = await freePort();
    await project.up({ code, port });
    process.kill((await project.endpoint.status()).pid!, 'SIGKILL');
    await until(async () => (await project.endpoint.status()).pid === null);

    await project.up({ code, port, tls: undefined, keys: undefined });
    const plain = await project.endpoint.status();
    expect(plain).toMatchObject({ ready: true, tls: false, port, keyFile: null, rootCertificateFile: null });
    expect(await project.post('{"data": 1}', {})).toMatchObject({ status: 200 });
    process.kill(plain.pid!, 'SIGKILL');
    await until(async () => (await project.endpoint.status()).pid === null);

    await project.up({ code, port });
    expect(await project.endpoint.status()).toMatchObject({ ready: true, tls: true, port });
    expect(await project.post('{"data": 1}', {})).toMatchObject({ status: 401 });
    expect(await project.post('{"data": 1}')).toMatchObject({ status: 200 });
  });

  it('names the endpoint that has the port', async () => {
    await project.up({ code: await project.script(ECHO) });
    const { port } = await project.endpoint.status();
    const other = LocalWorkloads.of(project.folder).endpoint('other');

    await expect(other.reserve({ address: '127.0.0.1', port })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use by the local endpoint "digits"`,
    );
  });

  it('ends the inference server with the process in front of it, also when that is killed', async () => {
    await project.up({ code: await project.script(`${ECHO}\nimport os\nprint("worker", os.getpid())\n`) });
    const { pid, logFile } = await project.endpoint.status();
    const log = readFileSync(logFile, 'utf8');
    const worker = Number(/worker (\d+)/.exec(log)?.[1]);
    const socketFolder = path.dirname(/unix:(\S+socket)/.exec(log)?.[1] ?? '');
    expect(existsSync(socketFolder) && socketFolder.startsWith(path.join(tmpdir(), 'brainwave-'))).toBe(true);

    process.kill(pid!, 'SIGKILL');

    await until(() => !existsSync(`/proc/${worker}`));
    await until(() => !existsSync(socketFolder));
    expect((await project.endpoint.status()).pid).toBeNull();
  });

  it('reports what to install without Python', async () => {
    const code = await project.script(ECHO);
    const { PYTHON } = process.env;
    process.env.PYTHON = '/nowhere/python3';
    const withoutPython = project.up({ code });
    await expect(withoutPython).rejects.toMatchObject({ code: 'PYTHON_MISSING' });
    await expect(withoutPython).rejects.toThrow(
      '/nowhere/python3 cannot be run; install Python 3.8 or later',
    );
    if (PYTHON === undefined) {
      delete process.env.PYTHON;
    } else {
      process.env.PYTHON = PYTHON;
    }
  });
});
