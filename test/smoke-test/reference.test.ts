import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import {
  runSmokeTest,
  writeReports,
  type SmokeTestOptions,
  type SmokeTestReport,
} from '../../lib/smoke-test';
import { keys, serverForTest, type TestServerOptions } from '../server/support/test-server';
import { afterwards } from '../support/cleanup';
import { createSelfSignedCertificate } from '../../lib/tls';
import { COLORS, colorModel } from '../support/color-model';
import { freePort } from '../support/free-port';
import { temporaryFolder } from '../support/temporary-folder';

const images = path.resolve(__dirname, '../../examples/quickstart/images');
const chelsea = { path: path.join(images, 'chelsea.png') };
const coffee = { path: path.join(images, 'coffee.png') };
const same = colorModel('color', 'RGB');

async function portOf(zip: Uint8Array, options: TestServerOptions = {}): Promise<number> {
  const { port } = await serverForTest({ zip, ...options });
  return port;
}

const at = (port: number) => ({ host: '127.0.0.1', port, plaintext: true });

async function compare(
  other: number,
  reference: Partial<SmokeTestOptions['reference']> = {},
  changes: Partial<SmokeTestOptions> = {},
): Promise<SmokeTestReport> {
  return runSmokeTest({
    target: at(await portOf(same)),
    samples: [chelsea, coffee],
    labels: COLORS,
    readyTimeoutSeconds: 20,
    warmCalls: { count: 0 },
    reference: { target: at(other), ...reference },
    ...changes,
  });
}

describe('a smoke test with a reference', () => {
  it('passes if the other service gives the same answers, and says how far apart they are', async () => {
    const report = await compare(await portOf(same));

    expect(report.failure).toBeUndefined();
    expect(report.samples).toMatchObject([
      { name: 'chelsea.png', passed: true, drift: 0, referenceClasses: [{ label: 'red' }, {}, {}] },
      { name: 'coffee.png', passed: true, drift: 0 },
    ]);
    expect(report.samples[0].detail).toMatch(/; differs from the answer of the reference by 0\.0000$/);
  });

  it('fails above the tolerance, and passes within it', async () => {
    const darker = await portOf(colorModel('darker', 'RGB', 0.97));

    const report = await compare(darker, { tolerance: 0.001 });
    expect(report).toMatchObject({ exitCode: 1, failure: { check: 'expectations' } });
    expect(report.failure?.message).toMatch(
      /^all 2 samples failed, first chelsea\.png: predicted "red" .*, but the answer differs from the answer of the reference by 0\.0\d{3}; expected at most 0\.001$/,
    );

    expect(await compare(darker, { tolerance: 0.05 })).toMatchObject({ passed: true });
  });

  it('sees differences that a recorded baseline rounds off', async () => {
    const darker = await portOf(colorModel('darker', 'RGB', 0.9999));

    expect(await compare(darker, { tolerance: 0.00001 })).toMatchObject({ passed: false });
  });

  it('fails if the services predict different classes, unless so many changes are accepted', async () => {
    const swapped = await portOf(colorModel('swapped', 'BGR'));

    const report = await compare(swapped, { tolerance: 1 });
    expect(report.failure?.message).toMatch(
      /^the two services predict different classes for 2 of 2 samples, first chelsea\.png: predicted "red" .*; the reference predicts "blue"; .*; expected at most 0$/,
    );
    expect(await compare(swapped, { tolerance: 1, maximumClassChanges: 2 })).toMatchObject({ passed: true });
  });

  it('shows the classes of both services below the image in the HTML report', async () => {
    const folder = await temporaryFolder();
    afterwards(() => folder.remove());
    const file = path.join(folder.path, 'report.html');

    await writeReports(await compare(await portOf(colorModel('swapped', 'BGR')), { tolerance: 1 }), [
      { format: 'html', file },
    ]);

    const html = await readFile(file, 'utf8');
    expect(html).toContain('The reference:');
    expect(html.match(/<table class="classes">/g)).toHaveLength(4);
    expect(html).toContain('src="data:image/png;base64,');
  });

  it('says which of the two services does not answer', async () => {
    const port = await freePort();
    const report = await compare(port, {}, { readyTimeoutSeconds: 1 });

    expect(report).toMatchObject({ passed: false, failure: { code: 'REFERENCE_FAILED' } });
    expect(report.failure?.message).toMatch(new RegExp(`^the reference 127\\.0\\.0\\.1:${port}: `));
  });

  it('sends each service its own key, and reports neither', async () => {
    const { certificate, privateKey } = await createSelfSignedCertificate({ hostname: 'scoring.localhost' });
    const folder = await temporaryFolder();
    afterwards(() => folder.remove());
    const rootCertificateFile = path.join(folder.path, 'root.pem');
    await writeFile(rootCertificateFile, certificate);
    const port = await portOf(same, { tls: { certificate, privateKey }, keys });
    const target = { host: 'scoring.localhost', port, connectTo: '127.0.0.1', rootCertificateFile };

    const right = await compare(port, { target: { ...target, key: keys.secondaryKey } });
    expect(right.failure).toBeUndefined();

    const wrong = await compare(port, { target: { ...target, key: 'not-the-key-of-the-service' } });
    expect(wrong.failure?.code).toBe('REFERENCE_FAILED');
    expect(JSON.stringify([right, wrong])).not.toMatch(
      /secondary-key-of-the-test|not-the-key-of-the-service/,
    );
  });

  it('is not compared with a baseline as well', async () => {
    const report = await compare(1, {}, { baseline: { file: 'baseline.json' } });

    expect(report.failure?.message).toBe(
      'reference and baseline are both set, but an answer is compared with one other; ' +
        'remove one of them, or declare a separate test for each',
    );
  });
});
