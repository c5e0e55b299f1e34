import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { chromium } from 'playwright-core';
import sharp from 'sharp';

import { startSampleService, type SampleService } from '../../bench/sample-service';
import { findChromium } from '../../test/interop/browser/find-chromium';
import { freePort } from '../../test/support/free-port';

const root = path.resolve(__dirname, '../..');
const IMAGES = ['rocket.jpg', 'coffee.png', 'chelsea.png'];
/** Time that the charts show. */
const LOAD_MS = 75_000;

/** Takes the picture of the playground: the sample model, three images, and metrics under load. */
async function main(target = path.join(root, 'docs/pictures/playground.png')): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-picture-'));
  const healthPort = await freePort();
  const service = await startSampleService(folder, [
    ...['--model-name', 'efficientnet-lite0', '--health-port', String(healthPort)],
  ]);
  const playground = startPlayground(service, healthPort);
  try {
    const png = await takePicture(await firstUrl(playground), service);
    // A palette is enough for a page of few colors, and a third of the size.
    await writeFile(target, await sharp(png).png({ palette: true, quality: 60, effort: 10 }).toBuffer());
  } finally {
    playground.kill();
    await service.stop();
    await rm(folder, { recursive: true });
  }
}

function startPlayground(service: SampleService, healthPort: number): ChildProcess {
  const command = path.join(root, 'dist/lib/cli/main.js');
  const { address, hostname, certificateFile, keyFile, labelsFile } = service;
  return spawn(
    process.execPath,
    [
      ...[command, 'playground', '--address', address, '--server-name', hostname],
      ...['--root-certificate-file', certificateFile, '--key-file', keyFile, '--labels-file', labelsFile],
      ...['--metrics-address', `127.0.0.1:${healthPort}`],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
}

async function firstUrl(playground: ChildProcess): Promise<string> {
  for await (const line of createInterface(playground.stdout!)) {
    if (line.startsWith('http:')) {
      return line;
    }
  }
  throw new Error('the playground has ended');
}

async function takePicture(url: string, service: SampleService): Promise<Buffer> {
  const executablePath = await findChromium(() => undefined);
  const browser = await chromium.launch({ executablePath });
  try {
    const page = await browser.newPage({
      viewport: { width: 1180, height: 850 },
      deviceScaleFactor: 1.5,
      colorScheme: 'light',
    });
    await page.goto(url);
    await page.getByText('Serving').waitFor();
    await callFor(LOAD_MS, service);
    const samples = IMAGES.map((name) => path.join(root, 'examples/quickstart/images', name));
    await page.setInputFiles('#files', samples);
    await page.getByRole('button', { name: 'tiger cat' }).waitFor();
    await page.mouse.move(0, 0);
    return await page.screenshot();
  } finally {
    await browser.close();
  }
}

/** Calls the service more often and less often, some calls without an image. */
async function callFor(durationMs: number, service: SampleService): Promise<void> {
  const client = service.client();
  const image = await readFile(service.image);
  const started = performance.now();
  for (let call = 1; performance.now() - started < durationMs; call += 1) {
    await client.predictImage(call % 25 === 0 ? Buffer.from('not an image') : image).catch(() => undefined);
    const share = (performance.now() - started) / durationMs;
    await delay(60 + 50 * Math.sin(share * 9));
  }
  client.close();
}

void main(...process.argv.slice(2));
