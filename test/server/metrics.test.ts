import http2 from 'node:http2';

import { BrainwaveModel, ServiceDefinition, Stage } from '../../lib/service-definition';
import { METRICS } from '../../lib/contract/metrics';
import { ScoringServer } from '../../lib/server';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { sampleImage, sampleServiceDefinition } from '../support/sample-service-definition';
import { until } from '../support/until';
import { AcceleratorProcess } from './pipeline/support/accelerator-process';
import {
  GrpcClient,
  HOSTNAME,
  imageRequest,
  rowRequest,
  type GrpcClientOptions,
} from './support/grpc-client';
import { LogLines } from './support/log-lines';
import { labelsOf, scrape } from './support/scrape';
import { PREDICT_PATH, RawClient } from './support/raw-client';
import { keys, serverForTest, writeModel, type TestServer } from './support/test-server';

const PREDICT = 'tensorflow.serving.PredictionService/Predict';

function clientFor(server: TestServer, options: GrpcClientOptions = {}): GrpcClient {
  const client = new GrpcClient(server.address, options);
  afterwards(() => {
    client.close();
  });
  return client;
}

async function get(port: number, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

describe('the metrics', () => {
  it('count calls by method and status, with their durations', async () => {
    const server = await serverForTest({ healthPort: 0 });
    const client = clientFor(server);
    await client.predict(rowRequest(1, 2, 3));
    await client.predict(rowRequest(1, 2, 3));
    await client.predict({ modelSpec: { name: 'another' } });
    const samples = await scrape(server.server.healthPort ?? 0);
    expect(samples.get(`brainwave_requests_total{method="${PREDICT}",code="OK"}`)).toBe(2);
    expect(samples.get(`brainwave_requests_total{method="${PREDICT}",code="NOT_FOUND"}`)).toBe(1);
    expect(samples.get(`brainwave_request_duration_seconds_count{method="${PREDICT}"}`)).toBe(3);
  });

  it('count methods that the server does not have under one name', async () => {
    const server = await serverForTest();
    const session = http2.connect(`http://${server.address}`);
    afterwards(() => {
      session.close();
    });
    for (const name of ['a', 'b', 'c']) {
      const call = session.request({
        ':method': 'POST',
        ':path': `/${name}.Service/${name}`,
        'content-type': 'application/grpc',
      });
      call.end();
      call.resume();
      await new Promise((resolve) => call.on('close', resolve));
    }
    const samples = await scrape(server.port);
    expect(samples.get('brainwave_requests_total{method="unknown",code="UNIMPLEMENTED"}')).toBe(3);
    expect(labelsOf(samples, 'brainwave_requests_total')).toHaveLength(1);
  });

  it('do not count health checks, which would hide the share of calls that fail', async () => {
    const server = await serverForTest();
    await clientFor(server).call('grpc.health.v1.Health/Check', {});
    expect(labelsOf(await scrape(server.port), 'brainwave_requests_total')).toEqual([]);
  });

  it('measure each stage, with its batches', async () => {
    const server = await serverForTest({ zip: sampleServiceDefinition()._toZip() });
    await clientFor(server).predict(imageRequest(sampleImage('chelsea.png'), sampleImage('coffee.png')));
    const samples = await scrape(server.port);
    for (const stage of ['decode', 'brainwave-2', 'tensorflow-3']) {
      expect([stage, samples.get(`brainwave_stage_duration_seconds_count{stage="${stage}"}`)]).toEqual([
        stage,
        1,
      ]);
      expect(samples.get(`brainwave_stage_duration_seconds_sum{stage="${stage}"}`)).toBeGreaterThan(0);
      expect(samples.get(`brainwave_batch_size_sum{stage="${stage}"}`)).toBe(2);
    }
    expect(samples.get('brainwave_stage_duration_seconds_count{stage="queue"}')).toBe(1);
    expect(labelsOf(samples, 'brainwave_batch_size_count')).not.toContainEqual({ stage: 'queue' });
    // The names of the definition's stages, such as "efficientnet-lite0", are the users'.
    expect(
      labelsOf(samples, 'brainwave_stage_duration_seconds_count')
        .map(({ stage }) => stage)
        .sort(),
    ).toEqual(['brainwave-2', 'decode', 'queue', 'tensorflow-3']);
  });

  it('measure calls to an accelerator', async () => {
    const accelerator = await AcceleratorProcess.tensorflowServing();
    afterwards(() => accelerator.close());
    const zip = sampleServiceDefinition()._toZip();
    const server = await serverForTest({ zip, accelerator: accelerator.options });
    await clientFor(server).predict(imageRequest(sampleImage('chelsea.png')));
    const samples = await scrape(server.port);
    expect(samples.get('brainwave_stage_duration_seconds_count{stage="brainwave-2"}')).toBe(1);
    expect(samples.get('brainwave_batch_size_sum{stage="brainwave-2"}')).toBe(1);
  });

  it('show the calls in flight and their limit', async () => {
    const server = await serverForTest({ maxInFlight: 7 });
    const client = new RawClient(server.port);
    afterwards(() => {
      client.close();
    });
    client.begin(PREDICT_PATH);
    client.begin(PREDICT_PATH);
    await until(async () => (await scrape(server.port)).get('brainwave_calls_in_flight') === 2);
    client.close();
    await until(async () => (await scrape(server.port)).get('brainwave_calls_in_flight') === 0);
    expect((await scrape(server.port)).get('brainwave_calls_in_flight_limit')).toBe(7);
    await server.server.reload({ model: server.model, maxInFlight: 5 });
    expect((await scrape(server.port)).get('brainwave_calls_in_flight_limit')).toBe(5);
  });

  it('show how much waits for a worker', async () => {
    const server = await serverForTest({ zip: sampleServiceDefinition()._toZip() });
    const client = clientFor(server);
    const image = imageRequest(sampleImage('chelsea.png'));
    let seen = false;
    const calls = async () => {
      while (!seen) {
        await client.predict(image);
      }
    };
    const all = Promise.all(Array.from({ length: 6 }, calls));
    await until(async () => {
      seen = ((await scrape(server.port)).get('brainwave_queue_length') ?? 0) > 0;
      return seen;
    });
    await all;
    expect((await scrape(server.port)).get('brainwave_queue_length')).toBe(0);
  });

  it('count refused keys, and never show a key', async () => {
    const tls = await issueCertificate({ names: [HOSTNAME] });
    const server = await serverForTest({ tls, keys, healthPort: 0 });
    const root = tls.certificate;
    await clientFor(server, { root, key: 'a-wrong-key-of-the-test' }).predict(rowRequest(1, 2, 3));
    await clientFor(server, { root }).predict(rowRequest(1, 2, 3));
    await clientFor(server, { root, key: keys.primaryKey }).predict(rowRequest(1, 2, 3), {
      headers: { [keys.secondaryKey]: keys.secondaryKey, 'x-request-id': keys.primaryKey },
    });
    await clientFor(server, { root, key: keys.primaryKey }).predict({ modelSpec: { name: keys.primaryKey } });
    const port = server.server.healthPort ?? 0;
    const samples = await scrape(port);
    expect(samples.get('brainwave_refused_keys_total')).toBe(2);
    expect(samples.get(`brainwave_requests_total{method="${PREDICT}",code="UNAUTHENTICATED"}`)).toBe(2);
    const { text } = await get(port, '/metrics');
    expect(text).not.toMatch(/key-of-the-test/);
  });

  it('show when the certificate expires, also after its replacement', async () => {
    const [first, second] = await Promise.all(
      ['2031-01-01', '2032-01-01'].map((date) =>
        issueCertificate({ names: [HOSTNAME], notAfter: new Date(date) }),
      ),
    );
    const server = await serverForTest({ tls: first, healthPort: 0 });
    const port = server.server.healthPort ?? 0;
    const name = 'brainwave_certificate_expiry_timestamp_seconds';
    expect((await scrape(port)).get(name)).toBe(Date.parse('2031-01-01') / 1000);
    await server.server.reload({ model: server.model, tls: second, healthPort: 0 });
    expect((await scrape(port)).get(name)).toBe(Date.parse('2032-01-01') / 1000);
  });

  it('name the model with its version and revision, one at a time, and count reloads by result', async () => {
    const server = await serverForTest({ revision: 'one', modelVersion: '3' });
    expect(labelsOf(await scrape(server.port), 'brainwave_model_info')).toEqual([
      { model: 'tiny', version: '3', revision: 'one' },
    ]);
    await server.server.reload({ model: { ...server.model, version: '4' }, revision: 'two' });
    const path = await writeModel(server, 'broken.zip', Buffer.from('no zip'));
    await expect(server.server.reload({ model: { ...server.model, path } })).rejects.toThrow();
    const samples = await scrape(server.port);
    expect(labelsOf(samples, 'brainwave_model_info')).toEqual([
      { model: 'tiny', version: '4', revision: 'two' },
    ]);
    expect(samples.get('brainwave_reloads_total{result="success"}')).toBe(1);
    expect(samples.get('brainwave_reloads_total{result="failure"}')).toBe(1);
  });

  it('of two servers in one process are separate, and those of the process are in both', async () => {
    const [busy, idle] = await Promise.all([serverForTest(), serverForTest()]);
    await clientFor(busy).predict(rowRequest(1, 2, 3));
    const [first, second] = await Promise.all([scrape(busy.port), scrape(idle.port)]);
    expect(labelsOf(first, 'brainwave_requests_total')).toHaveLength(1);
    expect(labelsOf(second, 'brainwave_requests_total')).toHaveLength(0);
    for (const samples of [first, second]) {
      expect(samples.get('process_start_time_seconds')).toBeGreaterThan(0);
      expect([...samples.keys()]).toContainEqual(expect.stringMatching(/^nodejs_eventloop_lag_p99_seconds/));
    }
  });

  it('have the labels of their definitions, and no others', async () => {
    const server = await serverForTest({ zip: sampleServiceDefinition()._toZip(), revision: 'r' });
    await clientFor(server).predict(imageRequest(sampleImage('chelsea.png')));
    const { text } = await get(server.port, '/metrics');
    const samples = await scrape(server.port);
    const declared = [...text.matchAll(/^# TYPE (brainwave_\w+) /gm)].map(([, name]) => name);
    expect(declared.sort()).toEqual(
      Object.values(METRICS)
        .map(({ name }) => name as string)
        .sort(),
    );
    for (const { name, labelNames, ...definition } of Object.values(METRICS)) {
      const suffix = 'buckets' in definition ? '_count' : '';
      for (const labels of labelsOf(samples, name + suffix)) {
        expect([name, Object.keys(labels)]).toEqual([name, [...labelNames]]);
      }
    }
  });
});

describe('the probes', () => {
  it('say that the server lives and is ready, on the health port alone', async () => {
    const server = await serverForTest({ healthPort: 0 });
    const port = server.server.healthPort ?? 0;
    expect(await get(port, '/livez')).toEqual({ status: 200, text: 'ok\n' });
    expect(await get(port, '/readyz?verbose')).toEqual({ status: 200, text: 'ok\n' });
    expect((await get(port, '/elsewhere')).status).toBe(404);
    for (const path of ['/livez', '/readyz', '/metrics']) {
      expect([path, (await get(server.port, path)).status]).toEqual([path, 404]);
    }
  });

  it('say that the model is loading', async () => {
    const { model } = await serverForTest({ zip: sampleServiceDefinition()._toZip() });
    const log = new LogLines();
    const starting = ScoringServer.start({ model, port: 0, log: log.log });
    await until(() => log.text.includes('"listening"'));
    const { port } = JSON.parse(log.lines.find((line) => line.includes('"listening"')) ?? '{}') as {
      port: number;
    };
    expect(await get(port, '/livez')).toEqual({ status: 200, text: 'ok\n' });
    expect(await get(port, '/readyz')).toEqual({ status: 503, text: 'the model is loading; retry later\n' });
    const server = await starting;
    afterwards(() => server.stop(0));
    expect((await get(port, '/readyz')).status).toBe(200);
  });

  it('give the reason why an accelerator is not ready', async () => {
    const model = BrainwaveModel.custom('absent', { outputTensorDims: [1, 3] });
    const zip = new ServiceDefinition({ stages: [Stage.brainwave({ model, name: 'features' })] })._toZip();
    const accelerator = { protocol: 'kserve-v2', address: '127.0.0.1:1' } as const;
    const server = await serverForTest({ zip, accelerator });
    expect(await get(server.port, '/readyz')).toEqual({
      status: 503,
      text: "stage 'features' received no features: the accelerator cannot be reached; retry when it is running\n",
    });
    expect((await get(server.port, '/livez')).status).toBe(200);
  });
});
