import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { chromium, type Browser, type Page } from 'playwright-core';

import { afterwards } from '../../support/cleanup';
import { servingPort, startCommand, type RunningCommand } from '../../support/cli';
import { temporaryFolder } from '../../support/temporary-folder';
import { tinyModel } from '../../support/tiny-model';
import { freePort } from '../../support/free-port';
import { until } from '../../support/until';
import { imageClassifier, SAMPLE_FOLDER } from '../sample-service-definitions';
import { HOSTNAME, serve, type ServerProcess } from '../served-model';
import { textsWithLowContrast } from './contrast';
import { findChromium } from './find-chromium';

let browser: Browser;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let sample: ServerProcess;
let healthPort: number;

const keys = { primaryKey: 'the-primary-key', secondaryKey: 'the-secondary-key' };

beforeAll(async () => {
  const executablePath = await findChromium(() => undefined);
  browser = await chromium.launch({ executablePath });
  folder = await temporaryFolder();
  healthPort = await freePort();
  sample = await serve(folder.path, 'sample', imageClassifier(), keys, ['--health-port', String(healthPort)]);
  await write('tiny.zip', tinyModel());
  await write('labels.txt', 'cat\ndog\nbird\n');
}, 180_000);

afterAll(async () => {
  await browser.close();
  await sample.stop();
  await folder.remove();
});

function write(name: string, content: string | Uint8Array): Promise<void> {
  return writeFile(path.join(folder.path, name), content, { mode: 0o600 });
}

/** Serves a model of three numbers. */
async function serveTiny(port = 0): Promise<{ server: RunningCommand; address: string }> {
  const { certificateFile, privateKeyFile, keyFile } = sample.served;
  const secured = ['--certificate', certificateFile, '--private-key', privateKeyFile, '--key-file', keyFile];
  const server = startCommand(
    ['serve', '--model', 'tiny.zip', '--port', String(port), ...secured],
    folder.path,
  );
  return { server, address: `127.0.0.1:${await servingPort(server)}` };
}

interface Opened {
  readonly page: Page;
  /** What the browser complained about. */
  readonly complaints: string[];
  /** Sites from which it fetched something. */
  readonly sites: Set<string>;
}

/** Opens the page that the command prints. */
async function openPlayground(
  address: string,
  labels: string,
  options: readonly string[] = [],
): Promise<Opened> {
  const { certificateFile, keyFile } = sample.served;
  const command = startCommand(
    [
      ...['playground', '--address', address, '--server-name', HOSTNAME, '--labels-file', labels],
      ...['--root-certificate-file', certificateFile, '--key-file', keyFile],
      ...options,
    ],
    folder.path,
  );
  const url = () => /^http:\S+$/m.exec(command.output().stdout)?.[0];
  await until(() => url() !== undefined || command.process.exitCode !== null);
  const page = await browser.newPage({ colorScheme: 'light', viewport: { width: 1180, height: 900 } });
  afterwards(() => page.close());
  const complaints: string[] = [];
  const sites = new Set<string>();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => sites.add(new URL(request.url()).origin));
  await page.goto(url()!);
  return { page, complaints, sites };
}

/** Drops a file on the page, or pastes it into the page, as a user does. */
async function give(
  page: Page,
  how: 'drop' | 'paste',
  name: string,
  type: string,
  bytes: Buffer,
): Promise<void> {
  await page.evaluate(
    ([event, fileName, mimeType, base64]) => {
      const content = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([content], fileName, { type: mimeType }));
      const target = document.querySelector('#image-input')!;
      target.dispatchEvent(
        event === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true }),
      );
    },
    [how, name, type, bytes.toString('base64')] as const,
  );
}

function image(name: string): Buffer {
  return readFileSync(path.join(SAMPLE_FOLDER, 'images', name));
}

describe('the playground in a browser', () => {
  it('shows the classes of an image, and why another file is none', async () => {
    const { page, complaints, sites } = await openPlayground(
      sample.served.address,
      path.join(SAMPLE_FOLDER, 'models/imagenet-labels.txt'),
    );
    const result = page.locator('#result');

    await give(page, 'drop', 'chelsea.png', 'image/png', image('chelsea.png'));
    await result.getByRole('heading', { name: 'tiger cat' }).waitFor();
    const bars = await page
      .locator('.fill')
      .evaluateAll((fills) =>
        fills.map(
          (fill) => fill.getBoundingClientRect().width / fill.parentElement!.getBoundingClientRect().width,
        ),
      );
    const shares = (await page.locator('.share').allTextContents()).map((share) => parseFloat(share) / 100);
    expect(bars).toHaveLength(5);
    bars.forEach((bar, index) => {
      expect(bar).toBeCloseTo(shares[index], 2);
    });
    await expect(page.locator('#announcer').textContent()).resolves.toMatch(
      /^chelsea\.png: tiger cat, \d\d\.\d %, [\d,.]+ ms$/,
    );

    await give(page, 'drop', 'notes.txt', 'text/plain', Buffer.from('not an image'));
    await result.getByText('images[0] is text; send a JPEG, PNG, WebP, GIF or TIFF').waitFor();
    await give(page, 'paste', 'image.png', 'image/png', image('coffee.png'));
    await result.getByRole('heading', { name: 'espresso' }).waitFor();
    await page.getByRole('button', { name: /^chelsea\.png: tiger cat/ }).press('Enter');
    await result.getByRole('heading', { name: 'tiger cat' }).waitFor();

    await page.getByText('CN=scoring.localhost').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await textsWithLowContrast(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    expect(complaints).toEqual([]);
    expect([...sites].filter((site) => !site.startsWith('http://127.0.0.1:') && site !== 'null')).toEqual([]);
  });

  it('takes files that are chosen, and draws how often and how fast the service is called', async () => {
    const { page } = await openPlayground(
      sample.served.address,
      path.join(SAMPLE_FOLDER, 'models/imagenet-labels.txt'),
      ['--metrics-address', `127.0.0.1:${healthPort}`],
    );
    const charts = [
      /^Calls per second over the last \d+ seconds, now (0\.[1-9]|[1-9])/,
      /^Latency over the last \d+ seconds, now p50 \d.*, p95 \d.*, p99 \d/,
      /^Errors per second over the last \d+ seconds, now 0$/,
    ].map((name) => page.getByRole('img', { name }));
    await until(async () => {
      await page.setInputFiles('#files', path.join(SAMPLE_FOLDER, 'images/coffee.png'));
      await page.locator('#result').getByRole('heading', { name: 'espresso' }).waitFor();
      const counts = await Promise.all(charts.map((chart) => chart.count()));
      return counts.every((count) => count === 1);
    }, 60_000);
    await expect(page.locator('#charts canvas').count()).resolves.toBe(charts.length);
  });

  it('takes an array with the keyboard, says when the service is gone, and continues when it is back', async () => {
    const { server, address } = await serveTiny();
    const { page } = await openPlayground(address, 'labels.txt');
    const input = page.getByLabel('Input x');
    await input.waitFor();
    await input.focus();
    await page.keyboard.type('[0.25, 0.5, 0.25]');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#result').getByRole('heading', { name: 'dog' }).waitFor();

    server.process.kill('SIGKILL');
    await page
      .getByRole('alert')
      .getByText(`connection refused: nothing is listening on ${address}`)
      .waitFor();
    await expect(page.title()).resolves.toContain('⚠');

    await serveTiny(Number(address.split(':')[1]));
    await page.getByRole('alert').waitFor({ state: 'hidden' });
    await input.fill('[1, 0, 0]');
    await page.getByRole('button', { name: 'Score' }).click();
    await page.locator('#result').getByRole('heading', { name: 'cat' }).waitFor();
  });
});
