import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { parseLabels } from '../../lib/service-definition/service-definition-content';
import {
  runSmokeTest,
  smokeTestChecks,
  type SmokeTestEvent,
  type SmokeTestOptions,
  type SmokeTestReport,
  type SmokeTestTarget,
} from '../../lib/smoke-test';
import { imageFile, labelsFile, startSampleService, type SampleService } from '../client/sample-service';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';

const chelsea = { path: imageFile('chelsea.png'), expect: { label: 'tiger cat' } };
const coffee = { path: imageFile('coffee.png'), expect: { label: 'espresso', minimumProbability: 0.5 } };

let service: SampleService;
let folder: string;
let removeFolder: () => Promise<void>;
let labels: string[];

beforeAll(async () => {
  ({ path: folder, remove: removeFolder } = await temporaryFolder());
  service = await startSampleService();
  labels = parseLabels(await readFile(labelsFile, 'utf8'));
  await writeFile(path.join(folder, 'root.pem'), service.certificate.certificate);
});

afterAll(async () => {
  await service.close();
  await removeFolder();
});

function target(changes: Partial<SmokeTestTarget> = {}): SmokeTestTarget {
  return {
    host: 'scoring.localhost',
    port: Number(service.address.split(':')[1]),
    connectTo: '127.0.0.1',
    key: service.keys.primaryKey,
    ...(!changes.plaintext && { rootCertificateFile: path.join(folder, 'root.pem') }),
    ...changes,
  };
}

function smokeTest(
  changes: Partial<SmokeTestOptions> = {},
  of: Partial<SmokeTestTarget> = {},
): Promise<SmokeTestReport> {
  return runSmokeTest({
    target: target(of),
    samples: [chelsea],
    labels,
    readyTimeoutSeconds: 20,
    warmCalls: { count: 1 },
    ...changes,
  });
}

const outcomes = ({ checks }: SmokeTestReport) => checks.map(({ name, outcome }) => `${name} ${outcome}`);
const lastDetail = ({ checks }: SmokeTestReport) =>
  checks.find(({ outcome }) => outcome === 'failed')?.detail;

describe('a smoke test of the sample service', () => {
  it('passes each check, and reports the certificate, the model, the classes and the latency, but no key', async () => {
    const report = await smokeTest({ warmCalls: { count: 3 } });

    expect(report.failure).toBeUndefined();
    expect(report).toMatchObject({ passed: true, exitCode: 0, model: { versions: ['1'] } });
    expect(outcomes(report)).toEqual([
      'dns skipped',
      ...smokeTestChecks.slice(1).map((name) => `${name} passed`),
    ]);
    expect(report.certificate).toMatchObject({
      names: ['scoring.localhost', '127.0.0.1'],
      protocol: 'TLSv1.3',
      fingerprint256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) as string,
    });
    expect(report.samples).toMatchObject([
      { name: 'chelsea.png', passed: true, topClasses: [{ label: 'tiger cat' }, {}, {}, {}, {}] },
    ]);
    expect(report.latency?.warm).toMatchObject({ count: 3, concurrency: 1 });
    expect(JSON.stringify(report)).not.toContain(service.keys.primaryKey);
  });

  it('scores each image of a set, holds each against its own expectation, and names the one that is wrong', async () => {
    const report = await smokeTest({
      samples: [chelsea, { ...coffee, expect: { label: 'hotdog, hot dog, red hot' } }],
    });

    expect(report).toMatchObject({ exitCode: 1, failure: { check: 'expectations' } });
    expect(report.samples.map(({ name, passed }) => [name, passed])).toEqual([
      ['chelsea.png', true],
      ['coffee.png', false],
    ]);
    expect(lastDetail(report)).toMatch(
      /^1 of 2 samples failed, first coffee\.png: predicted "espresso" \(.*\); expected "hotdog, hot dog, red hot", which has rank \d+ \(/,
    );
  });

  it('continues with a set of which an image is rejected, and shows that one next to the others', async () => {
    const broken = path.join(folder, 'broken.jpg');
    await writeFile(broken, 'no image');
    const report = await smokeTest({
      samples: [{ path: broken }, chelsea, { path: broken }, coffee],
      warmCalls: { count: 6 },
    });

    expect(report).toMatchObject({ exitCode: 1, failure: { check: 'expectations' } });
    expect(report.samples.map(({ name, passed }) => [name, passed])).toEqual([
      ['broken.jpg', false],
      ['chelsea.png', true],
      ['broken.jpg', false],
      ['coffee.png', true],
    ]);
    expect(lastDetail(report)).toMatch(/^2 of 4 samples failed, first broken\.jpg: .* refused the input: /);
    expect(report.latency?.warm?.count).toBe(6);
  });

  it('continues with a set of which an image is larger than a message may be', async () => {
    const large = path.join(folder, 'large.tiff');
    await writeFile(large, Buffer.alloc(33 * 1024 * 1024));
    const report = await smokeTest({ samples: [chelsea, { path: large }] });

    expect(report).toMatchObject({ exitCode: 1, failure: { check: 'expectations' } });
    expect(lastDetail(report)).toMatch(
      /^1 of 2 samples failed, first large\.tiff: the image was not sent: got a request of [\d,]+ bytes, expected at most 33,554,432; send smaller images/,
    );
  });

  it('shows the image whose first score failed', async () => {
    const broken = path.join(folder, 'broken.jpg');
    await writeFile(broken, 'no image');
    const report = await smokeTest({ samples: [{ path: broken }] });

    expect(report).toMatchObject({ exitCode: 1, failure: { check: 'first-call', code: 'INVALID_INPUT' } });
    expect(report.samples).toEqual([
      {
        name: 'broken.jpg',
        path: broken,
        passed: false,
        detail: report.failure?.message,
        expected: {},
      },
    ]);
  });

  it('accepts a class of lower rank if allowed, and reports the rank', async () => {
    const expect5 = { label: 'tabby, tabby cat', top: 5 };
    const report = await smokeTest({ samples: [{ ...chelsea, expect: expect5 }] });

    expect(report.failure).toBeUndefined();
    expect(report.samples[0].detail).toMatch(
      /^predicted "tiger cat" \(.* %\); "tabby, tabby cat" \(.*\) has rank 3$/,
    );
    expect(await smokeTest({ samples: [{ ...chelsea, expect: { ...expect5, top: 2 } }] })).toMatchObject({
      exitCode: 1,
    });
  });

  it('records answers, accepts the same ones later, and rejects those that drifted', async () => {
    const file = path.join(folder, 'baselines/pets.json');
    const recorded = await smokeTest({
      samples: [chelsea, coffee],
      baseline: { file },
      updateBaseline: true,
    });
    expect(recorded.failure).toBeUndefined();

    const same = await smokeTest({ samples: [chelsea, coffee], baseline: { file } });
    expect(same.failure).toBeUndefined();
    expect(same.samples.map(({ drift }) => drift)).toEqual([expect.closeTo(0, 4), expect.closeTo(0, 4)]);

    const baseline = JSON.parse(await readFile(file, 'utf8')) as {
      samples: Record<string, { classes: Record<string, number> }>;
    };
    baseline.samples['chelsea.png'].classes['282'] += 0.05;
    await writeFile(file, JSON.stringify(baseline));
    const drifted = await smokeTest({ samples: [chelsea, coffee], baseline: { file } });
    expect(drifted).toMatchObject({ exitCode: 1, samples: [{ passed: false }, { passed: true }] });
    expect(drifted.samples[0].detail).toMatch(
      /but the answer differs from the baseline by 0\.0[45]\d\d; expected at most 0\.02; record the answer with updateBaseline if the change is intended$/,
    );
    expect(await smokeTest({ baseline: { file, tolerance: 0.1 } })).toMatchObject({ exitCode: 0 });
  });

  it('keeps the recorded answers to samples that it does not test, and reports how many', async () => {
    const file = path.join(folder, 'subset.json');
    await smokeTest({ samples: [chelsea, coffee], baseline: { file }, updateBaseline: true });
    const before = await readFile(file, 'utf8');

    const alone = await smokeTest({ baseline: { file }, updateBaseline: true });
    expect(alone.checks.at(-1)?.detail).toMatch(
      /; recorded the baseline in .*subset\.json, and kept 1 answer to samples that were not tested$/,
    );
    expect(await readFile(file, 'utf8')).toBe(before);

    const both = await smokeTest({ samples: [chelsea, coffee], baseline: { file }, updateBaseline: true });
    expect(both.checks.at(-1)?.detail).toMatch(/; recorded the baseline in .*subset\.json$/);
  });

  it('replaces an invalid baseline file, and reports it', async () => {
    const file = path.join(folder, 'conflict.json');
    await writeFile(file, '<<<<<<< HEAD');
    const report = await smokeTest({ baseline: { file }, updateBaseline: true });
    expect(report.checks.at(-1)?.detail).toMatch(
      /; recorded the baseline in .*conflict\.json, replacing an invalid file$/,
    );
    expect(await smokeTest({ baseline: { file } })).toMatchObject({ exitCode: 0 });
  });

  it('fails with 1 when the labels are not those of the model: only an answer reports how many classes it has', async () => {
    expect(await smokeTest({ labels: ['cat'], samples: [{ path: chelsea.path }] })).toMatchObject({
      exitCode: 1,
      failure: {
        check: 'first-call',
        code: 'EXPECTATION_FAILED',
        message:
          'the model has 1000 classes, expected 1, one per label; check that the labels match this model (one per class) and that the right model is deployed',
      },
    });
  });

  it('records no answer that is not as expected', async () => {
    const file = path.join(folder, 'wrong.json');
    const report = await smokeTest({
      expect: {},
      samples: [{ ...chelsea, expect: { classIndex: 0 } }],
      baseline: { file },
      updateBaseline: true,
    });

    expect(report.exitCode).toBe(1);
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  it('reports how to record a baseline that is missing', async () => {
    const file = path.join(folder, 'none.json');
    expect(await smokeTest({ baseline: { file } })).toMatchObject({
      exitCode: 2,
      failure: {
        message: `cannot read the baseline ${file} (ENOENT); record it with updateBaseline and commit it`,
      },
    });
  });

  it('fails with 7 when it is slower than it may be, and says by how much', async () => {
    const report = await smokeTest({ latencyBudget: { p50Ms: 0.1, minimumRequestsPerSecond: 1e6 } });

    expect(report).toMatchObject({ exitCode: 7, failure: { code: 'LATENCY_BUDGET' } });
    expect(lastDetail(report)).toMatch(
      /^the service is too slow: p50 is [\d.]+ ms, expected at most 0\.1 ms; [\d.]+ requests\/s, expected at least 1000000$/,
    );
  });

  it('calls as often, or as long, and with as many in flight as asked for, and reports how far it is', async () => {
    const events: SmokeTestEvent[] = [];
    const counted = await smokeTest({
      warmCalls: { count: 6, concurrency: 3, warmUp: 2 },
      onEvent: (event) => events.push(event),
    });
    expect(counted.latency?.warm).toMatchObject({ count: 6, concurrency: 3 });
    expect(events.filter(({ kind }) => kind === 'progress').at(-1)).toMatchObject({
      check: 'warm-calls',
      done: 6,
      total: 6,
      unit: 'calls',
    });

    const timed = await smokeTest({ warmCalls: { durationSeconds: 0.3, concurrency: 2 } });
    expect(timed.latency?.warm?.count).toBeGreaterThan(1);
  });

  it('fails with 1 when the certificate is valid, but expires too soon', async () => {
    const soon = await smokeTest({ minimumDaysToExpiry: 100_000 });
    expect(soon).toMatchObject({
      exitCode: 1,
      failure: { check: 'expectations', code: 'CERTIFICATE_EXPIRING' },
    });
    expect(soon.failure?.message).toMatch(
      /expected at least 100000 days; renew the certificate and deploy it$/,
    );
  });

  it('fails with 4 when the certificate is not the one that was deployed', async () => {
    const { certificate } = await issueCertificate({ names: ['scoring.localhost'] });
    await writeFile(path.join(folder, 'other.pem'), certificate);
    const other = await smokeTest({}, { certificateFile: path.join(folder, 'other.pem') });
    expect(other).toMatchObject({ exitCode: 4, failure: { check: 'tls', code: 'CERTIFICATE' } });
    expect(await smokeTest({}, { certificateFile: path.join(folder, 'root.pem') })).toMatchObject({
      exitCode: 0,
    });
  });

  it('fails with 5 without a key and with a wrong one, and runs no check after that', async () => {
    const without = await smokeTest({}, { key: undefined });
    expect(without).toMatchObject({
      exitCode: 5,
      failure: { check: 'authentication', code: 'UNAUTHENTICATED' },
    });
    expect(outcomes(without).slice(-4)).toEqual([
      'authentication failed',
      'first-call not-run',
      'warm-calls not-run',
      'expectations not-run',
    ]);

    const wrong = await smokeTest({}, { key: 'another-key' });
    expect(wrong.exitCode).toBe(5);
    expect(JSON.stringify(wrong)).not.toContain('another-key');
  });

  it('ends with 130 when it is interrupted, and reports what was answered until then', async () => {
    const interrupted = new AbortController();
    const report = await smokeTest({
      warmCalls: { durationSeconds: 60 },
      signal: interrupted.signal,
      onEvent: (event) => {
        if (event.kind === 'progress') {
          interrupted.abort();
        }
      },
    });
    expect(report).toMatchObject({
      exitCode: 130,
      failure: { check: 'warm-calls', code: 'CANCELLED', message: 'the test was interrupted' },
    });
    expect(lastDetail(report)).toBe('the test was interrupted');
    expect(report.samples).toMatchObject([
      { name: 'chelsea.png', passed: true, topClasses: [{}, {}, {}, {}, {}] },
    ]);
  });

  it('waits for a service that comes up late', async () => {
    const events: SmokeTestEvent[] = [];
    let late: Promise<SampleService> | undefined;
    const first = await startSampleService();
    const { address, certificate } = first;
    await first.close();
    await writeFile(path.join(folder, 'late.pem'), certificate.certificate);
    const port = Number(address.split(':')[1]);
    const report = await smokeTest(
      {
        readyTimeoutSeconds: 30,
        onEvent: (event) => {
          events.push(event);
          if (event.kind === 'waiting') {
            late ??= startSampleService({ port, tls: { ...certificate } });
          }
        },
      },
      { port, rootCertificateFile: path.join(folder, 'late.pem') },
    );
    afterwards(async () => (await late)?.close());

    expect(report.failure).toBeUndefined();
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'waiting', check: 'tcp', timeoutMs: expect.any(Number) as number }),
    );
  });
});

describe('a smoke test of a service without TLS', () => {
  it('reports that anyone can call', async () => {
    const plain = await startSampleService({ tls: undefined, keys: undefined });
    afterwards(() => plain.close());
    const report = await smokeTest({}, { port: Number(plain.address.split(':')[1]), plaintext: true });

    expect(report.failure).toBeUndefined();
    expect(report.checks.filter(({ outcome }) => outcome === 'skipped').map(({ detail }) => detail)).toEqual([
      'connects to 127.0.0.1 instead of looking up scoring.localhost',
      'calls are made without TLS: anyone on the network path can read them',
      'TLS is disabled and keys are checked only with TLS: anyone who can connect can call',
    ]);
    expect(report.target.key).toBe(false);
  });
});

describe('an invalid smoke test fails with 2 before it connects', () => {
  it.each<[string, Partial<SmokeTestOptions>, Partial<SmokeTestTarget>, string]>([
    ['without a sample', { samples: [] }, {}, 'samples is empty; set at least one'],
    [
      'with a misspelled option',
      { warmcalls: { count: 1 } } as object,
      {},
      'unknown property warmcalls; did you mean warmCalls?',
    ],
    [
      'with a misspelled expectation',
      { expect: { labl: 'tiger cat' } as object },
      {},
      'unknown property expect.labl; did you mean expect.label?',
    ],
    [
      'with a misspelled expectation of one sample',
      { samples: [{ path: 'cat.png', expect: { lable: 'tiger cat' } as object }] },
      {},
      'unknown property samples[0].expect.lable; did you mean samples[0].expect.label?',
    ],
    [
      'with an option of the target that does not exist',
      {},
      { tls: true } as object,
      'unknown property target.tls; use one of protocol, host, port,',
    ],
    [
      'with a baseline to update that is not named',
      { updateBaseline: true },
      {},
      'updateBaseline is set without a baseline; set baseline.file',
    ],
    [
      'with a class that has no label',
      { expect: { classIndex: 1000 } },
      {},
      'expect.classIndex is 1000, but there are 1000 labels; expected a whole number from 0 to 999',
    ],
    [
      'with a JSONPath that is invalid',
      { samples: [{ path: chelsea.path }], expect: { jsonPath: '$[' } },
      { protocol: 'http' },
      'expect.jsonPath is "$["',
    ],
    [
      'with JSON expected of an image',
      { expect: { argmax: 1 } },
      {},
      'expect.argmax applies only to JSON answers; for an image, use expect.label, expect.classIndex, expect.top, expect.minimumProbability, ' +
        'expect.shape, expect.minimumValue, expect.maximumValue',
    ],
    [
      'with a class and a shape expected',
      { samples: [{ path: chelsea.path, expect: { shape: [4] } }], expect: { classIndex: 1 } },
      {},
      'samples[0].expect.shape and expect.classIndex are both set, but an output has probabilities or other numbers; remove ' +
        'one of them, or declare a separate test for each output',
    ],
    [
      'with values that cannot be',
      { samples: [{ path: chelsea.path }], expect: { minimumValue: 2, maximumValue: 1 } },
      {},
      'expect.minimumValue is 2, which is above expect.maximumValue (1); lower it',
    ],
    [
      'with a shape that cannot be',
      { expect: { shape: [4, 0] } },
      {},
      'expect.shape[1] is 0; expected a whole number of at least 1',
    ],
    [
      'with a class expected of JSON',
      { expect: { label: 'cat' } },
      { protocol: 'http' },
      'expect.label applies only to images; for a JSON answer, use expect.jsonPath, expect.equalTo, expect.argmax',
    ],
    [
      'with an invalid port',
      {},
      { port: 70_000 },
      'target.port is 70000; expected a whole number from 1 to 65535',
    ],
    [
      'with no call at once',
      { warmCalls: { concurrency: 0 } },
      {},
      'warmCalls.concurrency is 0; expected a whole number of at least 1',
    ],
    [
      'with calls without end',
      { warmCalls: { count: Infinity } },
      {},
      'warmCalls.count is Infinity; expected a whole number of at least 0',
    ],
    [
      'with an invalid duration',
      { warmCalls: { durationSeconds: NaN } },
      {},
      'warmCalls.durationSeconds is NaN; expected a number greater than 0',
    ],
    [
      'with a wait without end',
      { readyTimeoutSeconds: Infinity },
      {},
      'readyTimeoutSeconds is Infinity; expected a number of at least 0',
    ],
    [
      'with a budget that everything keeps',
      { latencyBudget: { p95Ms: Infinity } },
      {},
      'latencyBudget.p95Ms is Infinity; expected a number greater than 0',
    ],
    [
      'with an invalid index',
      { expect: { classIndex: 1, top: 0 } },
      {},
      'expect.top is 0; expected a whole number of at least 1',
    ],
    [
      'with a probability of more than everything',
      { expect: { minimumProbability: 30 } },
      {},
      'expect.minimumProbability is 30; expected a number from 0 to 1',
    ],
    [
      'with a place for a class that is not named',
      { expect: { top: 5 } },
      {},
      'expect.top is 5, but no class is expected; set expect.label or expect.classIndex, or remove expect.top',
    ],
    [
      'with a label, and no labels',
      { samples: [{ path: chelsea.path, expect: { label: 'tiger cat' } }], labels: undefined },
      {},
      'samples[0].expect.label is "tiger cat", but there are no labels; set labels, or use samples[0].expect.classIndex instead',
    ],
    [
      'with an unknown label',
      { expect: { label: 'tigercat' } },
      {},
      'expect.label is "tigercat", which is not one of the 1000 labels; did you mean "tiger cat"?',
    ],
    [
      'with an address expected of a record that is not looked at',
      {},
      { expectedAddress: '203.0.113.9' },
      'target.expectedAddress is 203.0.113.9, but the test calls 127.0.0.1 and looks up no DNS record; remove one of them',
    ],
    [
      'with an address expected of this machine',
      {},
      { connectTo: undefined, expectedAddress: '203.0.113.9' },
      'target.expectedAddress is 203.0.113.9, but scoring.localhost is the local machine and has no DNS record; remove it',
    ],
    [
      'with an invalid expected address',
      {},
      { expectedAddress: 'scoring.example' },
      "target.expectedAddress is 'scoring.example'; expected an IP address",
    ],
    [
      'with an invalid name server',
      { resolvers: ['dns.example'] },
      { connectTo: undefined, host: 'scoring.example' },
      "resolvers[0] is 'dns.example'; expected an IP address, with a port if it is not 53",
    ],
    [
      'with a certificate expected of a service without TLS',
      {},
      { plaintext: true, certificateFile: 'deployed.pem' },
      'target.certificateFile is deployed.pem, but the service is called without TLS; remove it, or call the service with TLS',
    ],
    [
      'with a budget, and no call to hold against it',
      { warmCalls: { count: 0 }, latencyBudget: { p95Ms: 100 } },
      {},
      'warmCalls.count is 0, so there is no call to compare with the latency budget; raise warmCalls.count or remove the budget',
    ],
    [
      'with a deployment of a service that has none',
      {},
      { deployment: 'green' },
      'target.deployment is green, but only online endpoints have deployments, and they do not speak gRPC; remove it, or call the ' +
        'endpoint over REST or HTTP',
    ],
    [
      'with a deployment that no endpoint can have',
      {},
      { protocol: 'rest', deployment: 'green\nline' },
      'target.deployment is \'green\\nline\'; expected 3 to 32 letters, digits and "-", starting with a letter, not ending with "-"',
    ],
    [
      'with the version of a model that nobody tells',
      { samples: [{ path: chelsea.path }] },
      { protocol: 'http', modelVersion: '7' },
      'target.modelVersion is 7, but online endpoints do not report what they serve; remove it',
    ],
    [
      'with days expected of a certificate that is not there',
      { minimumDaysToExpiry: 14 },
      { plaintext: true },
      'minimumDaysToExpiry is 14, but without TLS there is no certificate; remove it, or call the service with TLS',
    ],
    [
      'with a baseline that knows two samples by one name',
      { samples: [{ path: 'a/cat.png' }, { path: 'b/cat.png' }], baseline: { file: 'baseline.json' } },
      {},
      'the samples a/cat.png and b/cat.png have the same file name, by which the baseline identifies them; rename one of them, or test them separately with separate baselines',
    ],
    [
      'with a baseline that is not there',
      { baseline: { file: 'none.json' } },
      {},
      'cannot read the baseline none.json (ENOENT); record it with updateBaseline and commit it',
    ],
    [
      'with a key that has a line break',
      {},
      { key: 'first-line\nsecond-line' },
      'target.key is not a key that can be sent; expected printable ASCII without spaces and line breaks',
    ],
    [
      'with a key of letters that no header carries',
      { samples: [{ path: chelsea.path }] },
      { protocol: 'http', key: 'schlüssel-der-dienste' },
      'target.key is not a key that can be sent; expected printable ASCII without spaces and line breaks',
    ],
    [
      'with an empty key',
      { samples: [{ path: chelsea.path }] },
      { protocol: 'http', key: '' },
      'target.key is empty; expected printable ASCII without spaces and line breaks',
    ],
    [
      'with two keys',
      {},
      { keyFile: 'key.txt' },
      'target.key and target.keyFile are both set; set one of them',
    ],
    [
      'with a name to connect to',
      {},
      { connectTo: 'elsewhere' },
      "target.connectTo is 'elsewhere'; expected an IP address",
    ],
    [
      'with a client certificate alone',
      {},
      { clientCertificateFile: 'client.pem' },
      'target.clientCertificateFile is set without target.clientKeyFile; set both',
    ],
    [
      'with a key over http',
      { samples: [{ path: chelsea.path }] },
      { protocol: 'http', plaintext: true },
      'and anyone on the network path could read the key; use https, or remove the key',
    ],
  ])('%s', async (_, changes, of, message) => {
    const report = await smokeTest(changes, of);

    expect(report).toMatchObject({ passed: false, exitCode: 2, failure: { code: 'SMOKE_TEST_INPUT' } });
    expect(report.failure?.message).toContain(message);
    expect(JSON.stringify(report)).not.toMatch(/first-line|second-line|schlüssel/);
    expect(report.failure?.check).toBeUndefined();
    expect(new Set(report.checks.map(({ outcome }) => outcome))).toEqual(new Set(['not-run']));
  });

  it('with an empty sample, which it names, over gRPC and HTTP', async () => {
    const empty = path.join(folder, 'empty.png');
    await writeFile(empty, '');
    for (const protocol of ['grpc', 'http'] as const) {
      expect(
        await smokeTest({ samples: [{ path: chelsea.path }, { path: empty }] }, { protocol }),
      ).toMatchObject({
        exitCode: 2,
        failure: {
          code: 'SMOKE_TEST_INPUT',
          message: `the sample ${empty} is empty; expected an image or the JSON of a request`,
        },
        samples: [],
      });
    }
  });

  it.each<[string, Partial<SmokeTestTarget>, string]>([
    [
      'with roots that cannot be read',
      { rootCertificateFile: labelsFile },
      `the root certificate ${labelsFile} is invalid; expected PEM: -----BEGIN CERTIFICATE-----`,
    ],
    [
      'with an invalid client certificate',
      { clientCertificateFile: labelsFile, clientKeyFile: labelsFile },
      `the client certificate ${labelsFile} and its key ${labelsFile} cannot be used (ERR_OSSL_PEM_NO_START_LINE); pass a certificate and its own key, both PEM`,
    ],
  ])('%s, over gRPC and HTTP', async (_, of, message) => {
    for (const protocol of ['grpc', 'http'] as const) {
      const report = await smokeTest({ samples: [{ path: chelsea.path }] }, { protocol, ...of });
      expect(report).toMatchObject({ exitCode: 2, failure: { code: 'SMOKE_TEST_INPUT', message } });
    }
  });
});
