import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { runSmokeTest, type SmokeTestExpectation, type SmokeTestTarget } from '../../../lib/smoke-test';
import { afterwards } from '../../support/cleanup';
import { endpointProject, example, type EndpointProject } from './endpoint-project';

interface Sample {
  readonly label: number;
  readonly request: { readonly data: number[][] };
}

let project: EndpointProject;
let sample: Sample;
let request: string;

beforeEach(async () => {
  project = await endpointProject();
  await project.up({ model: { path: path.join(example, 'model'), name: 'model' } });
  sample = JSON.parse(await readFile(path.join(example, 'sample.json'), 'utf8')) as Sample;
  const folder = await mkdtemp(path.join(tmpdir(), 'brainwave-test-'));
  afterwards(() => rm(folder, { recursive: true }));
  request = path.join(folder, 'request.json');
  await writeFile(request, JSON.stringify(sample.request));
});

async function test(expect: SmokeTestExpectation, changes: Partial<SmokeTestTarget> = {}) {
  const { port, keyFile, rootCertificateFile } = await project.endpoint.status();
  return runSmokeTest({
    target: {
      protocol: 'http',
      host: 'scoring.localhost',
      port,
      keyFile: keyFile!,
      rootCertificateFile: rootCertificateFile!,
      ...changes,
    },
    samples: [{ path: request }],
    expect,
    readyTimeoutSeconds: 20,
    warmCalls: { count: 1 },
  });
}

describe('a smoke test over HTTP, of the GPU example', () => {
  it('passes when the answer is right, by the place of the greatest score or by a value', async () => {
    const report = await test({ jsonPath: '$.scores[0]', argmax: sample.label });

    expect(report.failure).toBeUndefined();
    expect(report.passed).toBe(true);
    expect(report.checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'dns skipped',
      'tcp passed',
      'tls passed',
      'health passed',
      'authentication passed',
      'first-call passed',
      'warm-calls passed',
      'expectations passed',
    ]);
    expect(report.latency?.warm?.count).toBe(1);
    expect(JSON.stringify(report)).not.toContain((await project.keys()).primaryKey);
    expect(await test({ jsonPath: '$.predictions', equalTo: [sample.label] })).toMatchObject({
      passed: true,
    });
  });

  it('fails and reports what was got where the answer, the key or the certificate is wrong', async () => {
    expect(await test({ jsonPath: '$.predictions[0]', equalTo: 11 })).toMatchObject({
      passed: false,
      exitCode: 1,
      failure: { check: 'expectations', code: 'EXPECTATION_FAILED' },
      samples: [{ detail: `got ${sample.label} at $.predictions[0]; expected 11` }],
    });
    await writeFile(`${request}.key`, 'wrong', { mode: 0o600 });
    expect(await test({}, { keyFile: `${request}.key` })).toMatchObject({
      exitCode: 5,
      failure: { code: 'UNAUTHENTICATED' },
    });
    expect(await test({}, { rootCertificateFile: undefined })).toMatchObject({
      exitCode: 4,
      failure: { code: 'CERTIFICATE' },
    });
  });

  it.each([
    ['a body that is not JSON', '{"data": [[', 'the body is not valid JSON'],
    ['a row of another length', '{"data": [[0, 1]]}', 'row 0 has 2 values'],
    [
      '784 strings',
      JSON.stringify({ data: [Array(784).fill('1')] }),
      'row 0 contains a value that is not a number',
    ],
    [
      'numbers that are none',
      `{"data": [[${'NaN,'.repeat(783)}0]]}`,
      'row 0 contains a value that is not a number',
    ],
  ])('gets 400 with the remedy for %s, and the next call is served', async (_, body, message) => {
    const answer = await project.post(body);

    expect(answer).toMatchObject({ status: 400 });
    expect(answer.text).toContain(message);
    expect(answer.headers['x-request-id']).toBeDefined();
    expect(await project.post(JSON.stringify(sample.request))).toMatchObject({ status: 200 });
  });
});
