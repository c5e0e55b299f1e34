import { readFileSync } from 'node:fs';
import path from 'node:path';

import { flagOf } from '../../lib/cli/smoke-test-flags';
import { PredictionClient, type PredictionError } from '../../lib/client';
import type { SmokeTestReport } from '../../lib/smoke-test';
import { clientOptionNames } from '../../lib/smoke-test/client-option-names';
import { afterwards } from '../support/cleanup';
import { fileWith, testService } from '../smoke-test/checks/run';
import { LABELS, symptoms, type BrokenService } from './symptoms';

/** A row of the troubleshooting page's tables. */
interface Row {
  readonly symptom: string;
  /** The message, with placeholders in capitals. */
  readonly message: string;
  readonly check: string;
  readonly code: string;
  readonly exitCode: number;
}

const page = readFileSync(path.resolve(__dirname, '../../docs/troubleshooting.md'), 'utf8');

// | symptom | `message` | `check`, `CODE`, exit code | …
const rows = Array.from(
  page.matchAll(/^\| ([^|`]+?) +\| `([^`]+)` +\| `([a-z-]+)`, `([A-Z_]+)`, (\d+) +\|/gm),
  ([, symptom, message, check, code, exitCode]): Row => ({
    symptom,
    message,
    check,
    code,
    exitCode: Number(exitCode),
  }),
);

/** What a placeholder of the page stands for. */
const placeholders: Readonly<Record<string, string>> = {
  'HOST:PORT': '\\S+:\\d+',
  HOST: '[^\\s"]+',
  ADDRESS: '[\\da-f.:, ]+',
  DATE: '[\\dT:.Z-]+',
  FINGERPRINT: '[0-9A-F:]+',
  CODE: '[A-Z\\d_]+',
  'N ms': '[\\d,.]+ ms',
};

function pattern(message: string): RegExp {
  const literal = message.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(
    Object.entries(placeholders).reduce(
      (text, [name, expression]) => text.replace(new RegExp(`\\b${name}\\b`, 'g'), expression),
      literal,
    ),
  );
}

async function smokeTest(service: BrokenService): Promise<SmokeTestReport> {
  const { host, port, tls, protocol, rootCertificate, key, expected } = service;
  return testService(
    {
      ...(protocol && { protocol }),
      host,
      port,
      plaintext: !tls,
      ...(rootCertificate !== undefined && {
        rootCertificateFile: await fileWith('root.pem', rootCertificate),
      }),
      ...(key !== undefined && { key }),
      ...(expected?.address !== undefined && { expectedAddress: expected.address }),
      ...(expected?.modelVersion !== undefined && { modelVersion: expected.modelVersion }),
      ...(expected?.certificate !== undefined && {
        certificateFile: await fileWith('deployed.pem', expected.certificate),
      }),
    },
    {
      labels: LABELS,
      readyTimeoutSeconds: 0.6,
      optionNames: flagOf,
      ...(expected?.label !== undefined && { expect: { label: expected.label } }),
      ...(expected?.p50Ms !== undefined && {
        warmCalls: { count: 1 },
        latencyBudget: { p50Ms: expected.p50Ms },
      }),
    },
  );
}

async function failureOfClient(service: BrokenService): Promise<PredictionError> {
  const { host, port, tls, rootCertificate, key } = service;
  const client = new PredictionClient({
    address: `${host}:${port}`,
    plaintext: !tls,
    connectTimeoutMs: 600,
    retry: { maxAttempts: 1 },
    optionNames: clientOptionNames(flagOf),
    ...(rootCertificate !== undefined && { rootCertificates: rootCertificate }),
    ...(key !== undefined && { key }),
  });
  try {
    await client.predictImage(Buffer.from('image'), { deadlineMs: 5_000 });
  } catch (error) {
    return error as PredictionError;
  } finally {
    client.close();
  }
  throw new Error('the call went through');
}

/** Rows that are not the client's: it sees nothing wrong there, or calls the model without asking whether it is ready. */
const SMOKE_TESTS_ALONE = [
  'wrong address in DNS',
  'certificate not the deployed one',
  'keys that are not checked',
  'another model version',
  'wrong answer',
  'slow answer',
  'unknown name',
  'model is loading',
  'unknown service',
  'redirect of an endpoint',
];

describe('the troubleshooting page', () => {
  it('has a row for each way of being broken, and no other', () => {
    expect(rows.map(({ symptom }) => symptom).sort()).toEqual(Object.keys(symptoms).sort());
  });

  it.each(rows.map((row) => [row.symptom, row] as const))(
    'quotes the message of the smoke test for: %s',
    async (symptom, row) => {
      const service = await symptoms[symptom]();
      afterwards(() => service.close());
      const report = await smokeTest(service);
      expect(report.failure).toMatchObject({ check: row.check, code: row.code });
      expect(report.failure?.message).toMatch(pattern(row.message));
      expect(report.exitCode).toBe(row.exitCode);
    },
  );

  it.each(
    rows
      .filter(({ symptom }) => !SMOKE_TESTS_ALONE.includes(symptom))
      .map(({ symptom, message }) => [symptom, message] as const),
  )('quotes the message of the client for: %s', async (symptom, message) => {
    const service = await symptoms[symptom]();
    afterwards(() => service.close());
    expect((await failureOfClient(service)).message).toMatch(pattern(message));
  });
});
