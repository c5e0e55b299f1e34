import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ScoringServer, type AcceleratorOptions } from '../../lib/server';
import { readServeConfiguration } from '../../lib/serving/configuration-file';
import { BrainwaveModel, ServiceDefinition, Stage } from '../../lib/service-definition';
import { tensorToProto } from '../../lib/wire/tensor-proto';
import { afterwards } from '../support/cleanup';
import { sampleImage, sampleServiceDefinition, TIGER_CAT } from '../support/sample-service-definition';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { AcceleratorProcess } from './pipeline/support/accelerator-process';
import { answerOf, GrpcClient, imageRequest } from './support/grpc-client';
import { serverForTest, writeModel, type TestServer } from './support/test-server';

const CHECK = 'grpc.health.v1.Health/Check';
const GET_STATUS = 'tensorflow.serving.ModelService/GetModelStatus';
const chelsea = imageRequest(sampleImage('chelsea.png'));

/** A service of one of the test accelerator's models alone. */
function onlyModel(modelRef: string): Uint8Array {
  const model = BrainwaveModel.custom(modelRef, { outputTensorDims: [1, 3] });
  return new ServiceDefinition({ stages: [Stage.brainwave({ model, name: 'features' })] })._toZip();
}

function clientFor(server: TestServer): GrpcClient {
  const client = new GrpcClient(server.address);
  afterwards(() => {
    client.close();
  });
  return client;
}

function rowsRequest(count: number) {
  return { inputs: { x: tensorToProto({ shape: [count, 3], data: new Float32Array(count * 3).fill(1) }) } };
}

async function health(client: GrpcClient): Promise<string> {
  const { response } = await client.call<{ status: string }>(CHECK, {});
  return response?.status ?? '';
}

async function modelState(client: GrpcClient): Promise<string | undefined> {
  const { response } = await client.call<{ modelVersionStatus: { state: string }[] }>(GET_STATUS, {});
  return response?.modelVersionStatus[0]?.state;
}

function topClass(probabilities: number[]): number {
  return probabilities.indexOf(Math.max(...probabilities));
}

describe.each(['kserve', 'tensorflowServing'] as const)(
  'a server next to an accelerator of %s',
  (protocol) => {
    let accelerator: AcceleratorProcess;
    beforeAll(async () => {
      accelerator = await AcceleratorProcess[protocol]();
    });
    afterAll(async () => {
      await accelerator.close();
    });

    it('serves while the accelerator does, and says so when it does not', async () => {
      const zip = sampleServiceDefinition()._toZip();
      const server = await serverForTest({ zip, accelerator: accelerator.options });
      const client = clientFor(server);
      expect(await health(client)).toBe('SERVING');
      expect(topClass(answerOf(await client.predict(chelsea)))).toBe(TIGER_CAT);

      await accelerator.kill();
      await until(async () => (await health(client)) === 'NOT_SERVING');
      expect(await modelState(client)).toBe('LOADING');
      expect(await client.predict(chelsea)).toMatchObject({
        status: 'UNAVAILABLE',
        details:
          "stage 'efficientnet-lite0' received no features: the accelerator cannot be reached; retry when it is running",
      });
      const { port } = new URL(`http://${accelerator.options.address}`);
      expect(server.log.entries).toContainEqual(
        expect.objectContaining({
          level: 'warn',
          message: 'not ready',
          cause: expect.stringContaining(`127.0.0.1:${port}`) as string,
        }),
      );

      await accelerator.start();
      await until(async () => (await health(client)) === 'SERVING');
      expect(await modelState(client)).toBe('AVAILABLE');
      expect(topClass(answerOf(await client.predict(chelsea)))).toBe(TIGER_CAT);
    });

    it('starts before the accelerator, and serves when that is ready', async () => {
      await accelerator.kill();
      const zip = sampleServiceDefinition()._toZip();
      const server = await serverForTest({ zip, accelerator: accelerator.options });
      const client = clientFor(server);
      expect(await health(client)).toBe('NOT_SERVING');
      expect(await client.predict(chelsea)).toMatchObject({ status: 'UNAVAILABLE' });
      await accelerator.start();
      await until(async () => (await health(client)) === 'SERVING');
      expect((await client.predict(chelsea)).status).toBe('OK');
    });

    it('stops serving if the accelerator hangs, and serves again when it recovers', async () => {
      const zip = sampleServiceDefinition()._toZip();
      const server = await serverForTest({ zip, accelerator: accelerator.options });
      const client = clientFor(server);
      accelerator.halt();
      afterwards(() => {
        accelerator.resume();
      });
      await until(async () => (await health(client)) === 'NOT_SERVING');
      accelerator.resume();
      await until(async () => (await health(client)) === 'SERVING');
      expect((await client.predict(chelsea)).status).toBe('OK');
    });
  },
);

describe('a server next to an accelerator', () => {
  let accelerator: AcceleratorProcess;
  let options: AcceleratorOptions;
  beforeAll(async () => {
    accelerator = await AcceleratorProcess.kserve();
    options = accelerator.options;
  });
  afterAll(async () => {
    await accelerator.close();
  });

  it("gives up with DEADLINE_EXCEEDED when the caller's deadline passes, and cancels at the accelerator", async () => {
    const server = await serverForTest({ zip: onlyModel('never-answers'), accelerator: options });
    const outcome = await clientFor(server).predict(rowsRequest(1), { deadline: Date.now() + 300 });
    expect(outcome.status).toBe('DEADLINE_EXCEEDED');
    await until(() => accelerator.events.some(({ cancelled }) => cancelled === 'never-answers'));
    const call = accelerator.events.find(({ infer }) => infer === 'never-answers');
    expect(call?.timeLeftMs).toBeLessThanOrEqual(300);
  });

  it('answers DEADLINE_EXCEEDED with a sentence when the accelerator is too slow', async () => {
    const accelerator = { ...options, timeoutMs: 200 };
    const server = await serverForTest({ zip: onlyModel('never-answers'), accelerator });
    expect(await clientFor(server).predict(rowsRequest(1))).toMatchObject({
      status: 'DEADLINE_EXCEEDED',
      details:
        "stage 'features' received no features: the accelerator did not respond within 200 ms; raise the call's " +
        'deadline, or send fewer images at once',
    });
  });

  it.each([
    ['broken', 'the device fell off the bus'],
    ['answers-two', 'the accelerator returned [1, 2] for a batch of 1'],
  ])('keeps to its log what went wrong in the model %s', async (model, reason) => {
    const server = await serverForTest({ zip: onlyModel(model), accelerator: options });
    const outcome = await clientFor(server).predict(rowsRequest(1), { headers: { 'x-request-id': model } });
    expect(outcome).toMatchObject({
      status: 'INTERNAL',
      details: `internal error; find the cause in the server log under request ID ${model}`,
    });
    expect(server.log.text).toContain(reason);
  });

  it('keeps the model that it has when the accelerator does not have the next one', async () => {
    const server = await serverForTest({ zip: onlyModel('echo'), accelerator: options });
    const client = clientFor(server);
    const file = await writeModel(server, 'next.zip', onlyModel('unheard-of'));
    const reloaded = server.server.reload({ model: { ...server.model, path: file }, accelerator: options });
    await expect(reloaded).rejects.toMatchObject({
      code: 'ACCELERATOR_FAILED',
      message: expect.stringContaining("has no model 'unheard-of' (version '1')") as string,
    });
    expect((await client.predict(rowsRequest(2))).status).toBe('OK');
  });

  it('switches to another accelerator, and ignores the previous one', async () => {
    const other = await AcceleratorProcess.kserve();
    afterwards(() => other.close());
    const server = await serverForTest({ zip: onlyModel('echo'), accelerator: other.options });
    const client = clientFor(server);
    await server.server.reload({ model: server.model, accelerator: options, limits: { workers: 1 } });
    await other.kill();
    expect((await client.predict(rowsRequest(2))).status).toBe('OK');
    expect(await health(client)).toBe('SERVING');
  });

  it('rejects an accelerator without a port, before it listens', async () => {
    const started = ScoringServer.start({
      model: { name: 'any', path: 'any.zip' },
      accelerator: { protocol: 'kserve-v2', address: 'localhost' },
    });
    await expect(started).rejects.toMatchObject({
      code: 'SERVER_OPTIONS_INVALID',
      message: "accelerator.address is 'localhost'; set it to host:port, for example 127.0.0.1:8001",
    });
  });
});

describe('a pipeline that decodes images', () => {
  it('accepts arrays of decoded and scaled images', async () => {
    const server = await serverForTest({ zip: sampleServiceDefinition()._toZip() });
    const tensor = { shape: [2, 224, 224, 3], data: new Float32Array(2 * 224 * 224 * 3).fill(100) };
    const outcome = await clientFor(server).predict({ inputs: { images: tensorToProto(tensor) } });
    expect(outcome.status).toBe('OK');
    expect(answerOf(outcome)).toHaveLength(2000);
  });

  it('reports the expected input for another type', async () => {
    const server = await serverForTest({ zip: sampleServiceDefinition()._toZip() });
    const client = clientFor(server);
    const shape = { dim: [{ size: 1 }] };
    expect(
      await client.predict({ inputs: { images: { dtype: 'DT_INT32', tensorShape: shape, intVal: [1] } } }),
    ).toMatchObject({
      status: 'INVALID_ARGUMENT',
      details:
        'input "images" is DT_INT32; expected DT_STRING for encoded images (JPEG, PNG, …) or DT_FLOAT ' +
        'for decoded and scaled images',
    });
    expect(
      await client.predict({
        inputs: { images: tensorToProto({ shape: [1, 3], data: new Float32Array(3) }) },
      }),
    ).toMatchObject({
      status: 'INVALID_ARGUMENT',
      details: 'got an array of shape [1, 3], expected [n, 224, 224, 3] with n as the batch',
    });
  });
});

describe('the configuration of a serving process', () => {
  it('has the accelerator', async () => {
    const folder = await temporaryFolder();
    afterwards(() => folder.remove());
    const file = path.join(folder.path, 'configuration.json');
    const accelerator = { protocol: 'kserve-v2', address: '127.0.0.1:8001' };
    await writeFile(file, JSON.stringify({ model: { path: 'model.zip' }, accelerator }));
    await expect(readServeConfiguration(file)).resolves.toMatchObject({ accelerator });
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('kserve-v2', 'rest'));
    await expect(readServeConfiguration(file)).rejects.toThrow(
      'Invalid option: expected one of "kserve-v2"|"tensorflow-serving"',
    );
  });
});
